"""Tracks of fruit that roll or vanish: nobody knows when they will be at a gate."""

import numpy as np
import pytest

from edge.datapath import Detection
from edge.detect.tracks import Tracker
from tests.edge.profiles import demo

PROFILE = demo()
NO_PIXELS, NO_MASK = np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8)
STEP_MM = 20.0


def run(gains, pitch_mm=120.0, hidden=lambda fruit, x_mm: False, blind=range(0)):
    """Fruit one after the other, each of which gains so much on the belt. Returns them as they left, in order."""
    tracker, gone = Tracker(PROFILE, "r"), []
    for frame in range(round(len(gains) * pitch_mm / STEP_MM) + 60):
        travel_mm = frame * STEP_MM
        seen = []
        for n, gain in enumerate(gains):
            x_mm = (travel_mm - n * pitch_mm) * (1 + gain)
            if 30 < x_mm < PROFILE.camera.view_mm - 30 and not hidden(n, x_mm):
                seen.append(Detection((0, 0, 1, 1), x_mm, 100.0, 60.0, 60.0, False, NO_PIXELS, NO_MASK))
        if frame not in blind:
            tracker.see(round(travel_mm * 1000), seen)
        gone += tracker.leaving(round(travel_mm * 1000))
    return gone


def astray(gone):
    return [n for n, one in enumerate(gone) if one.astray_mm]


def test_fruit_that_keep_to_the_belt_are_where_they_should_be():
    assert astray(run([0.0, 0.004, -0.004, 0.01] * 5)) == []


@pytest.mark.parametrize("gain", [-0.08, 0.08])
def test_a_fruit_that_rolls_is_astray_by_as_much_as_it_will_have_rolled(gain):
    gone = run([*[0.0] * 8, gain, *[0.0] * 8])
    assert astray(gone) == [8]
    assert gone[8].astray_mm == pytest.approx(0.08 * 940, rel=0.2)


def test_where_all_gain_alike_it_is_the_belt_and_none_rolls():
    assert astray(run([-0.05] * 20)) == []


def test_a_fruit_that_vanishes_from_the_picture_is_astray():
    assert astray(run([0.0] * 10, hidden=lambda n, x_mm: n == 4 and x_mm > 250)) == [4]


def test_a_fruit_hidden_for_a_moment_is_not():
    assert astray(run([0.0] * 10, hidden=lambda n, x_mm: n == 4 and 200 < x_mm < 290)) == []


def test_a_camera_that_sees_nothing_for_a_while_makes_no_fruit_astray():
    assert astray(run([0.0] * 10, blind=range(20, 32))) == []
