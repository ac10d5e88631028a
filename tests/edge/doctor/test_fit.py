"""What the doctor says of a calibration: that there is none, that it is old, that it fits no longer."""

from datetime import UTC, datetime

import pytest

from edge.calibrated import Calibration, CameraCalibration, GateCalibration
from edge.doctor import fit
from edge.doctor.fit import Shift
from tests.edge.doctor.verdicts import verdict
from tests.edge.profiles import demo

MADE, NOW = "2026-03-01T08:00:00.000Z", datetime(2026, 6, 1, tzinfo=UTC)
CAMERA = CameraCalibration(
    made_utc=MADE, rides=5, mm_per_px=0.7, mm_per_px_sd=0.0002, skew_deg=0.3, skew_sd_deg=0.02, speed_mm_s=600.0,
    speed_sd_mm_s=0.4,
)  # fmt: skip
GATE = GateCalibration(
    made_utc=MADE, balls=20, speeds_mm_s=(300.0, 600.0), open_delay_ms=15.0, open_delay_sd_ms=0.3, close_delay_ms=15.0,
    close_delay_sd_ms=0.3, x_mm=640.0, x_sd_mm=0.2, delay_sd_ms=1.0,
)  # fmt: skip


def sensed(**camera):
    """A machine whose gates have sensors behind them."""
    profile = demo(camera=camera)
    gates = {name: gate.model_copy(update={"exit_pin": 2}) for name, gate in profile.gates.items()}
    return profile.model_copy(update={"gates": gates})


def calibrated(gates=None, **camera):
    profile = sensed(**camera)
    every = dict.fromkeys(profile.gates, GATE)
    return profile.model_copy(update={"calibration": Calibration(camera=CAMERA, gates=every | (gates or {}))})


def made(profile, now=NOW):
    return {one.subject: one for one in fit.made(profile, now)}


def test_a_machine_that_nobody_has_calibrated_is_told_of():
    found = made(sensed())
    assert {one.verdict for one in found.values()} == {"attention"}
    assert all(name in found["gates"].what for name in demo().gates)


def test_a_gate_that_nobody_sees_cannot_be_calibrated():
    assert made(demo())["gates"].verdict == "not checked"


def test_a_calibration_is_told_with_its_figures_and_its_date():
    found = made(calibrated())
    assert {one.verdict for one in found.values()} == {"good"}
    assert "0.7 mm/px" in found["camera"].what
    assert "2026-03-01" in found["gates"].what


def test_one_that_is_more_than_a_year_old_is_seen_to():
    found = made(calibrated(), datetime(2027, 4, 1, tzinfo=UTC))
    assert {one.verdict for one in found.values()} == {"attention"}


def test_figures_that_were_changed_by_hand_since_are_found():
    assert made(calibrated(mm_per_px=0.71))["camera"].verdict == "attention"
    slow = GATE.model_copy(update={"open_delay_ms": 18.0})
    found = made(calibrated(gates={"red_0": slow}))
    assert found["gates"].verdict == "attention"
    assert "red_0" in found["gates"].what


@pytest.mark.parametrize(
    ("shift", "said"),
    [
        (Shift(0.2, -0.3, 0.05, 1.0005, True), "good"),
        (Shift(2.0, 0.0, 0.0, 1.0, True), "attention"),
        (Shift(9.0, 0.0, 0.0, 1.0, False), "good"),  # nothing in the picture tells
        (Shift(0.0, 5.0, 0.0, 1.0, True), "fault"),
        (Shift(0.0, 0.0, 0.5, 1.0, True), "attention"),
        (Shift(0.0, 0.0, -2.0, 1.0, True), "fault"),
        (Shift(0.0, 0.0, 0.0, 0.98, True), "fault"),
    ],
)
def test_a_camera_that_was_moved_is_noticed(shift, said):
    assert verdict(fit.moved(shift)) == said


def test_what_was_never_kept_cannot_be_compared():
    (one,) = fit.moved(None)
    assert (one.verdict, one.remedy) == ("not checked", "sorter calibrate")
    (one,) = fit.belt_colour(None, (1.0, 2.0, 3.0))
    assert one.verdict == "not checked"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ((44.0, 76.0, 128.0), "good"),
        ((22.0, 38.0, 64.0), "good"),  # darker is no other colour
        ((48.0, 76.0, 128.0), "attention"),
        ((60.0, 76.0, 110.0), "fault"),
    ],
)
def test_a_belt_of_another_colour_is_lamps_or_white_balance(now, said):
    assert verdict(fit.belt_colour((44.0, 76.0, 128.0), now)) == said
