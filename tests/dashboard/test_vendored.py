"""What the dashboard carries of others, and how much a browser has to fetch before it shows anything."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = ROOT / "dashboard"
VENDOR = PAGES / "vendor"
VERSIONS = json.loads((VENDOR / "versions.json").read_text(encoding="utf-8"))
MOST_BYTES = 200_000
OWN = [path for kind in ("*.js", "*.css", "*.html") for path in PAGES.rglob(kind) if VENDOR not in path.parents]


@pytest.mark.parametrize("name", VERSIONS)
def test_a_vendored_file_is_the_one_that_was_released(name):
    for file, said in VERSIONS[name]["files"].items():
        assert hashlib.sha256((VENDOR / name / file).read_bytes()).hexdigest() == said["sha256"], file
    assert re.fullmatch(r"\d+\.\d+\.\d+", VERSIONS[name]["version"])
    assert VERSIONS[name]["package_integrity"].startswith("sha512-")


def test_nothing_is_vendored_that_is_not_named_with_its_version_and_licence():
    there = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    named = {f"{name}/{file}" for name, said in VERSIONS.items() for file in said["files"]}
    assert there == named | {"versions.json"}
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    for name, said in VERSIONS.items():
        assert "LICENSE.txt" in said["files"], name
        first = next(line for line in (VENDOR / name / "LICENSE.txt").read_text().splitlines() if "opyright" in line)
        assert first in notice, name


def test_all_of_the_first_load_fits_into_two_hundred_kilobytes():
    fetched = [path for path in PAGES.rglob("*") if path.suffix in {".js", ".css", ".html", ".svg"}]
    assert sum(len(gzip.compress(path.read_bytes())) for path in fetched) < MOST_BYTES


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.relative_to(PAGES).as_posix())
def test_no_page_writes_markup_or_style_that_its_policy_forbids_or_reaches_out(path):
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text)
    assert not re.search(r"<[^>]+\s(style|on\w+)=|<style|<script>", text)
    reached = {url for url in re.findall(r"(?:https?|wss?)://[\w.${}-]+", text)}
    assert reached <= {"http://www.w3.org"}, "it works offline: nothing comes from elsewhere"


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.relative_to(PAGES).as_posix())
def test_no_file_of_the_pages_outgrows_one_idea(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400
