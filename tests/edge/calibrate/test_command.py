"""The command's words: what it prints, and what it refuses in one line."""

from pathlib import Path

import pytest

import firmware_config
from edge.calibrate.calibration import Wanted, parts_of
from edge.cli import main
from edge.config import load_profile
from edge.errors import UsageFault

DEMO = Path(firmware_config.__path__[0]) / "profiles" / "demo.toml"


def test_the_board_is_a_page_to_print(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "board.svg"
    assert main(["calibrate", "board", "--out", str(out)]) == 0
    assert out.read_text(encoding="utf-8").startswith("<svg ")
    assert "150 mm" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["wheels"], "wheels: nothing that is calibrated; have board, light, camera, gates"),
        (["board", "--out", "/nowhere/board.svg"], "/nowhere/board.svg: cannot be written"),
        (["camera", "--profile", "/nowhere.toml"], "/nowhere.toml: no such file"),
        (["camera", "--profile", str(DEMO)], "start it at a terminal"),
    ],
)
def test_a_wrong_question_is_one_clear_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["calibrate", *arguments]) == 2
    told = capsys.readouterr().err.splitlines()
    assert len(told) == 1
    assert said in told[0]


def test_gates_that_nobody_sees_are_left_out_and_named_and_refused_where_asked_for() -> None:
    demo = load_profile(DEMO)
    parts, left_out = parts_of(demo, Wanted(), "2026-01-01T00:00:00Z", "demo.plate.png")
    assert len(parts) == 2
    assert len(left_out) == len(demo.gates)
    with pytest.raises(UsageFault, match="fit an exit sensor"):
        parts_of(demo, Wanted(parts=("gates",)), "2026-01-01T00:00:00Z", "demo.plate.png")
