"""The AsyncAPI document, by the specification's own parser."""

import json
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
DOCUMENT = ROOT / "docs" / "asyncapi.yaml"
PARSER = "@asyncapi/parser@3.6.3"
PARSE = """
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
const [path] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(readFileSync(path, "utf8"), { source: path });
const told = diagnostics.map(({ severity, code, path, message }) => ({ severity, code, path, message }));
console.log(JSON.stringify({ channels: document ? document.channels().length : 0, told }));
"""
WARNING = 1

pytestmark = [pytest.mark.node, pytest.mark.slow]


@pytest.fixture(scope="module")
def parsed():
    folder = ROOT / ".node" / "asyncapi"
    if not (folder / "node_modules").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"]
        command = [*install, "--prefix", folder, PARSER]
        done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
        if done.returncode:
            pytest.skip(f"tier node: npm cannot install {PARSER}: {done.stderr.strip().splitlines()[-1]}")
    (folder / "parse.mjs").write_text(PARSE, encoding="utf-8")

    def parse(path: Path) -> dict:
        command = ["node", folder / "parse.mjs", path]
        return json.loads(subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout)

    return parse


def faults(found: dict) -> list[str]:
    return [
        f"{'.'.join(map(str, one['path']))}: {one['message']}" for one in found["told"] if one["severity"] <= WARNING
    ]


def test_the_document_is_asyncapi_3_without_a_fault(parsed):
    found = parsed(DOCUMENT)
    assert faults(found) == []
    assert found["channels"] > 5


@pytest.mark.parametrize(
    ("right", "wrong"), [("action: send", "action: shout"), ("schemas/gap.json", "schemas/gone.json")]
)
def test_the_parser_finds_a_fault_where_there_is_one(parsed, tmp_path, right, wrong):
    (tmp_path / "schemas").symlink_to(DOCUMENT.parent / "schemas")
    spoilt = tmp_path / "asyncapi.yaml"
    spoilt.write_text(DOCUMENT.read_text(encoding="utf-8").replace(right, wrong), encoding="utf-8")
    assert faults(parsed(spoilt)) != []
