"""`sorter calibrate` at a terminal, in real time, on the simulated machine that it is lent."""

from pathlib import Path

import pytest

import firmware_config
from edge.config import load_profile
from tests.live.terminal import at_terminal, lent

DEMO = Path(firmware_config.__path__[0]) / "profiles" / "demo.toml"


@pytest.fixture(scope="module")
def machine():
    with lent("clean") as running:
        yield running


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "line.toml"
    path.write_text(DEMO.read_text(encoding="utf-8").replace("heartbeat_ms = 100", "heartbeat_ms = 1000"), "utf-8")
    return path


@pytest.mark.timeout(200)
def test_light_and_camera_are_measured_and_written_beside_the_users_remarks(machine, profile: Path) -> None:
    before = load_profile(profile)
    machine.lay("nothing")
    with at_terminal(machine.machine, "calibrate", "--profile", str(profile), "--rides", "2") as person:
        person.expect("gate red_0 has no exit sensor")
        person.answer("Let the belt run empty. Ready?", "yes")
        person.expect("measuring")
        person.expect("Let the belt run, and let it carry the board")
        machine.lay("board")
        person.answer("Ready?", "yes")
        person.expect("is written; the machine runs by it from its next start", within_s=120.0)
        assert person.end() == 0
    found = load_profile(profile)
    camera, light = found.calibration.camera, found.calibration.light
    assert camera is not None and light is not None
    # A desk that is busy delivers frames late, never with another stamp.
    assert found.camera.mm_per_px == pytest.approx(before.camera.mm_per_px, rel=0.02)
    assert found.belt.speed_mm_s == pytest.approx(before.belt.speed_mm_s, rel=0.02)
    assert found.camera.belt_level == light.belt_level
    assert profile.with_name(light.plate).stat().st_size > 10_000
    assert "# 10 to 3000; with an encoder the fastest that it runs" in profile.read_text(encoding="utf-8")


@pytest.mark.timeout(100)
def test_whoever_breaks_it_off_finds_his_profile_as_it_was(machine, profile: Path) -> None:
    before = profile.read_text(encoding="utf-8")
    with at_terminal(machine.machine, "calibrate", "camera", "--profile", str(profile)) as person:
        person.expect("Ready?")
        person.interrupt()
        person.expect("broken off; nothing was changed")
        assert person.end() == 1
    assert profile.read_text(encoding="utf-8") == before
