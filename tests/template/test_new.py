"""What `sorter new` gives, and what it refuses."""

import os
import subprocess
import sys
import tomllib
from glob import glob
from pathlib import Path

import pytest

from edge.bundle import load_bundle, resolve
from edge.cli import main
from edge.config import load_profile
from edge.datapath import LABELS
from edge.errors import UsageFault
from sim.crop.definition import load_crop
from sim.scenario import load_scenario, profile_of
from template.making import crops, make
from template.rendering import TEMPLATE
from training.gate import criteria
from training.recipe import load_recipe

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_a_new_project_passes_its_own_tests(project: Path) -> None:
    done = subprocess.run(
        ["make", "test", f"PYTHON={sys.executable}"],
        cwd=project,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=580,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout
    assert "skipped" not in done.stdout


@pytest.mark.slow
def test_a_new_project_holds_all_that_a_machine_needs(project: Path) -> None:
    wanted = """.ci/run .github/workflows/test.yml .gitignore CHECKLIST.md Makefile README.md crop.toml
        dashboard/README.md data/README.md docs/decisions.md indicators.toml profile.toml pytest.ini recipe.toml
        scenarios/clean.toml
        scenarios/workload.toml systemd/cherry-line.conf tests/test_workload.py .copier-answers.yml"""
    assert [name for name in wanted.split() if not (project / name).is_file()] == []
    assert os.access(project / ".ci" / "run", os.X_OK)
    text = "".join(path.read_text() for path in project.rglob("*") if path.is_file() and ".git/" not in str(path))
    assert "{{" not in text.replace("${{ vars.SORTER_REPOSITORY }}", "")
    assert "{%" not in text


@pytest.mark.slow
@pytest.mark.parametrize("crop", crops())
def test_the_files_of_every_crop_are_good(crop: str, tmp_path: Path) -> None:
    folder = tmp_path / "line-1"
    wanted = make(folder, crop)
    profile = load_profile(folder / "profile.toml")
    assert profile.machine == "line-1"
    assert profile.route == {label: wanted.of_label(label)[0] for label in LABELS}
    assert load_crop(folder / "crop.toml") == wanted == load_crop(TEMPLATE / "crops" / f"{crop}.toml")
    assert load_recipe(str(folder / "recipe.toml"))[0].name == "line-1"
    assert criteria(folder / "indicators.toml")
    scenarios = sorted((folder / "scenarios").glob("*.toml"))
    assert len(scenarios) >= 4
    for path in scenarios:
        scenario = load_scenario(str(path))
        assert profile_of(scenario, str(path))[1].model_dump() == profile.model_dump()
        assert scenario.feed.length_mm == wanted.length_mm
    assert load_bundle(resolve(profile.grade.bundle, folder)).manifest.labels == LABELS


@pytest.mark.slow
def test_a_crop_of_ones_own_is_taken(tmp_path: Path) -> None:
    text = (TEMPLATE / "crops" / "cherry.toml").read_text(encoding="utf-8")
    own = tmp_path / "sour.toml"
    own.write_text(text.replace("[grades.blush]", "[grades.brine]").replace("[24, 30]", "[17, 22]"))
    make(tmp_path / "orchard", str(own))
    assert (tmp_path / "orchard" / "crop.toml").read_text(encoding="utf-8") == own.read_text(encoding="utf-8")
    profile = load_profile(tmp_path / "orchard" / "profile.toml")
    assert profile.route["green"] == "brine"
    narrower = tomllib.loads((tmp_path / "orchard" / "profile.toml").read_text())["camera"]["mm_per_px"]
    assert narrower == pytest.approx(0.7 * 22 / 65, abs=0.001)


@pytest.mark.parametrize(
    ("name", "crop", "says"),
    [
        ("Cherry Line", None, "a machine's name is a-z, 0-9, - and _"),
        ("plums", None, "which crop? give --crop"),
        ("plums", "plum", "--crop plum: must be "),
        ("plums", "nowhere/plum.toml", "No such file or directory; give a crop's .toml file"),
    ],
)
def test_what_cannot_be_made_is_refused_in_one_line(
    name: str, crop: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["new", str(tmp_path / name), *(["--crop", crop] if crop else [])]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not (tmp_path / name).exists()


def test_every_file_of_the_template_is_installed_with_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["template"]
    package = TEMPLATE.parent
    told = {name for pattern in patterns for name in glob(pattern, root_dir=package, recursive=True)}  # noqa: PTH207
    # Path.glob would find hidden files with any pattern, which setuptools does not.
    files = {path.relative_to(package).as_posix() for path in TEMPLATE.rglob("*") if path.is_file()}
    assert {name for name in files if "__pycache__" not in name} <= told


def test_a_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "cherry-line").mkdir()
    (tmp_path / "cherry-line" / "thesis.txt").write_text("all of it")
    with pytest.raises(UsageFault, match="is there already"):
        make(tmp_path / "cherry-line", None)
    assert [path.name for path in (tmp_path / "cherry-line").iterdir()] == ["thesis.txt"]


def test_without_copier_the_line_that_installs_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("copier", "template")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Without("copier"), *sys.meta_path])
    assert main(["new", str(tmp_path / "cherry-line")]) == 2
    assert "new: needs copier, which is not installed here: run `make new`" in capsys.readouterr().err


class _Without:
    """An import system without one package."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name.partition(".")[0] == self._name:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
