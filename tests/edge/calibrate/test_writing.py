"""A user's profile is changed key by key, and is whole or as it was."""

import tomllib
from pathlib import Path

import pytest

import firmware_config
from edge.calibrate.changes import Changes
from edge.calibrate.writing import edited, write
from edge.config import load_profile
from edge.errors import ProfileFault, UsageFault

DEMO = (Path(firmware_config.__path__[0]) / "profiles" / "demo.toml").read_text(encoding="utf-8")
FOUND: Changes = {
    ("camera",): {"mm_per_px": 0.7034, "white_balance": (1.1, 0.9), "belt_level": 121.5},
    ("lanes", "1"): {"from_mm": 170.5},
    ("gates", "red_1"): {"open_delay_ms": 17.25, "delay_sd_ms": 0.8},
    ("calibration", "gates", "red_1"): {
        "made_utc": "2026-01-01T00:00:00Z",
        "balls": 80,
        "speeds_mm_s": (300.0, 600.0),
        "open_delay_ms": 17.25,
        "open_delay_sd_ms": 0.4,
        "close_delay_ms": 15.0,
        "close_delay_sd_ms": 0.4,
        "x_mm": 640.0,
        "x_sd_mm": 0.2,
        "delay_sd_ms": 0.8,
    },
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "line.toml"
    found.write_text(DEMO, encoding="utf-8")
    return found


def test_the_file_says_what_was_found(path: Path) -> None:
    assert write(path, FOUND) == load_profile(path)
    profile = load_profile(path)
    assert profile.camera.mm_per_px == 0.7034
    assert profile.camera.white_balance == (1.1, 0.9)
    assert profile.lanes[1].from_mm == 170.5
    assert profile.gates["red_1"].open_delay_ms == 17.25
    assert profile.gates["red_0"].open_delay_ms == 15
    assert profile.calibration.gates["red_1"].balls == 80


def test_every_other_line_and_remark_stays(path: Path) -> None:
    write(path, FOUND)
    before, after = DEMO.splitlines(), path.read_text(encoding="utf-8").splitlines()
    changed = [line for line in before if line not in after]
    assert [line.partition(" ")[0] for line in changed] == ["white_balance", "mm_per_px", "from_mm"]
    assert "mm_per_px = 0.7034    # 0.05 to 5, at the height of a fruit's middle" in after


def test_a_second_calibration_takes_the_place_of_the_first(path: Path) -> None:
    write(path, FOUND)
    once = path.read_text(encoding="utf-8")
    write(path, FOUND)
    assert path.read_text(encoding="utf-8") == once


def test_what_makes_no_good_profile_is_said_and_not_written(path: Path) -> None:
    with pytest.raises(ProfileFault) as caught:
        write(path, {("belt",): {"speed_mm_s": 900.0}})
    assert "nothing was written" in caught.value.faults[-1]
    assert path.read_text(encoding="utf-8") == DEMO


@pytest.mark.parametrize(
    "text",
    ["camera = { mm_per_px = 0.7 }\n", "camera.mm_per_px = 0.7\n", '"camera".mm_per_px = 0.7\n'],
)
def test_a_layout_that_cannot_be_edited_is_never_mangled(text: str) -> None:
    new = edited(text, {("camera",): {"mm_per_px": 0.5}})
    with pytest.raises(tomllib.TOMLDecodeError):
        tomllib.loads(new)  # which `write` finds out, and keeps the file


def test_a_file_in_another_layout_is_left_alone(tmp_path: Path) -> None:
    data = tomllib.loads(DEMO)["camera"]
    head, _, rest = DEMO.partition("[camera]")
    tail = rest.partition("[[lanes]]")[2]
    inline = ", ".join(
        f"{key} = {str(value) if not isinstance(value, str) else repr(value)}" for key, value in data.items()
    )
    path = tmp_path / "line.toml"
    text = f"camera = {{ {inline} }}\n{head}[[lanes]]{tail}"
    path.write_text(text, encoding="utf-8")
    load_profile(path)
    with pytest.raises(UsageFault, match="cannot be edited as it is laid out"):
        write(path, {("camera",): {"mm_per_px": 0.71}})
    assert path.read_text(encoding="utf-8") == text
