"""A machine that nobody has calibrated, and what the device's own calibration finds of its hidden truth."""

import pytest

from edge.calibrate.camera import camera_part
from sim.calibrating import CalibratingRun

UTC = "2026-01-01T00:00:00Z"


@pytest.mark.slow
def test_scale_turn_and_belt_speed_are_found_within_half_a_percent() -> None:
    run = CalibratingRun("uncalibrated", 1)
    found, truth = run.calibrate([camera_part(UTC, rides=3)]).profile, run.world.truth
    assert found.camera.mm_per_px == pytest.approx(truth.mm_per_px, rel=0.005)
    assert found.belt.speed_mm_s == pytest.approx(truth.speed_mm_s, rel=0.005)
    told = found.calibration.camera
    assert told is not None
    assert told.rides == 3
    assert told.made_utc == UTC
    assert 0 < told.mm_per_px_sd < 0.005 * told.mm_per_px
    assert told.skew_deg == pytest.approx(truth.skew_rad * 57.2958, abs=0.1)
