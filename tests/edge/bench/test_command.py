import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from edge.bench import command
from edge.cli import main
from edge.registered import registered

FIGURES = {"cases": [{"load": "idle", "p50_ms": 0.25, "stages_ms": {"one": 1.5}}], "early": 3, "unset": None}


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> dict:
    """What the bench `try` measures."""
    measured = dict(FIGURES)
    module = ModuleType("registered_for_a_bench_test")
    module.bench = lambda: measured
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(command, "registered", lambda group: {"try": f"{module.__name__}:bench"})
    return measured


@pytest.mark.usefixtures("figures")
def test_the_figures_are_shown_and_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "try", "--json", str(tmp_path / "out.json")]) == 0
    assert json.loads((tmp_path / "out.json").read_text(encoding="utf-8")) == FIGURES
    shown = capsys.readouterr().out
    for text in ("try: cases", "idle", "0.25", "stages_ms: one", "early: 3"):
        assert text in shown


def test_a_missed_target_ends_with_status_1_and_its_line(figures: dict, capsys: pytest.CaptureFixture[str]) -> None:
    figures["missed"] = ["idle: 9 ms; at most 1 is wanted"]
    assert main(["bench", "try"]) == 1
    assert capsys.readouterr().err == "sorter: try: idle: 9 ms; at most 1 is wanted\n"


@pytest.mark.usefixtures("figures")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["other"], "other: no such bench; have try"),
        (["try", "--json", "/nowhere/out"], "/nowhere/out: cannot be written: No such file or directory"),
    ],
)
def test_a_wrong_question_is_refused_before_anything_is_measured(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["bench", *arguments]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert printed.out == ""


def test_the_benches_of_the_project_are_registered() -> None:
    assert {"gates", "pipeline", "sim"} <= set(registered(command.GROUP))
