"""What the claims are made of: the project's files, a few painted fruit, and runs of its scenarios in virtual time."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edge.cli import main

ROOT = Path(__file__).parents[1]
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def crop() -> dict[str, Any]:
    return tomllib.loads((ROOT / "crop.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def profile() -> dict[str, Any]:
    return tomllib.loads((ROOT / "profile.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def fruit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two fruit of each grade, enough to look at; `make fruit/index.json` paints them all."""
    folder = tmp_path_factory.mktemp("painted") / "fruit"
    assert main(["paint", str(ROOT / "crop.toml"), "--out", str(folder), "--fruit", "2"]) == 0
    return folder


@pytest.fixture
def run(fruit: Path, tmp_path: Path) -> Run:
    """Run a scenario of this project; answers what came of every fruit."""

    def run(scenario: str, *options: str) -> dict[str, Any]:
        path, report = ROOT / "scenarios" / f"{scenario}.toml", tmp_path / "report.json"
        told = ["--fast", "--fruit-images", str(fruit), "--report", str(report), *options]
        assert main(["sim", str(path), *told]) == 0
        found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
        return found

    return run
