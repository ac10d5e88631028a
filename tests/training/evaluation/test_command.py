import json
from pathlib import Path

import pytest

from edge.cli import main
from training.evaluation import robustness


@pytest.fixture(autouse=True)
def _one_look_of_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """The curves themselves are tried in test_parts.py."""
    monkeypatch.setattr(robustness, "EACH", 1)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_factory_bundle_is_evaluated_on_photographs_to_one_page(
    tmp_path: Path, small_atlas: Path, photographs_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    status = main(["evaluate", "factory", "--data", str(photographs_folder), "--out", str(out)])
    report = json.loads((out / "report.json").read_text())
    states = {one["state"] for one in report["criteria"]}
    assert status == int("missed" in states)
    assert report["lab"]["passages"] == 3
    assert set(report["look_curve"]) == {"builtin", "turntable"}
    assert report["varieties"]["Tomato_Maroon_2"]["learned"] is False
    assert "report.html: " in capsys.readouterr().out
    assert (out / "report.html").stat().st_size < 2_000_000


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_what_was_not_measured_is_told_and_is_no_miss(tmp_path: Path, small_atlas: Path) -> None:
    main(["evaluate", "factory", "--out", str(tmp_path / "out")])
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    states = {one["name"]: one["state"] for one in report["criteria"]}
    assert states["lab-wrong"] == "unmeasured"
    assert "lab" not in report


def test_evaluating_into_a_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").touch()
    assert main(["evaluate", "factory", "--out", str(tmp_path / "file")]) == 2
    assert "give a folder" in capsys.readouterr().err
