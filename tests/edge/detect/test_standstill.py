"""Fruit that travel with a belt, and some that do not, frame by frame."""

import random

import numpy as np
import pytest

from edge.datapath import Detection
from edge.detect.standstill import Standstill
from tests.edge.profiles import demo

PROFILE = demo()
NO_PIXELS, NO_MASK = np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8)


def sight(x_mm, y_mm=100.0):
    return Detection((0, 0, 1, 1), x_mm, y_mm, 60.0, 60.0, False, NO_PIXELS, NO_MASK)


class Belt:
    """Frame after frame of a lane of fruit at drawn distances, and of those that stand at `standing(frame)`."""

    def __init__(self, step_mm=20.0, pitch_mm=110.0, pitch_sd_mm=8.0):
        self.standstill, self.draw = Standstill(PROFILE), random.Random(1)
        self.step_mm, self.frame, self.told, self.free = step_mm, 0, [], 0
        self.places, at = [], 0.0
        for _ in range(4_000):
            self.places.append(at)
            at -= max(30.0, self.draw.gauss(pitch_mm, pitch_sd_mm))

    def run(self, frames, standing=(), moves=True):
        for _ in range(frames):
            self.frame += moves
            true_mm = self.frame * self.step_mm
            seen = [sight(x + self.draw.gauss(0, 0.3)) for x in (p + true_mm for p in self.places) if 30 < x < 418]
            seen += [sight(x + self.draw.gauss(0, 0.3), y) for x, y in standing]
            free, told = self.standstill.see(round(true_mm * 1000), seen)
            self.told += [(one.code, one.raised, *one.figures.values()) for one in told]
            self.free = len(free)
        return self


@pytest.mark.parametrize(
    ("step_mm", "pitch_mm"), [(3.3, 110.0), (20.0, 60.0), (20.0, 110.0), (33.3, 67.0), (33.3, 50.0)]
)
def test_fruit_that_travel_with_the_belt_are_not_stuck(step_mm, pitch_mm):
    assert Belt(step_mm, pitch_mm, 5.0).run(2_000).told == []


def test_a_fruit_that_stands_is_told_of_and_kept_from_the_tracks_until_it_is_gone():
    belt = Belt()
    belt.run(20).run(15, [(250.0, 70.0)])
    assert belt.told == [("fruit_stuck", True, "0")]
    assert belt.free <= 4
    belt.run(20)
    assert belt.told[-1] == ("fruit_stuck", False)


def test_three_that_stand_are_a_jam_of_their_lane():
    belt = Belt().run(20).run(20, [(250.0, 230.0), (310.0, 230.0), (370.0, 230.0)])
    assert ("lane_jam", True, "1") in belt.told


def test_a_fruit_that_others_hide_now_and_then_is_stuck_all_the_same():
    belt = Belt()
    for n in range(12):
        belt.run(1, [] if n % 4 == 1 else [(250.0, 70.0)])
    assert [told[0] for told in belt.told] == ["fruit_stuck"]


def test_on_a_belt_that_stands_all_fruit_stand_and_none_is_stuck():
    assert Belt().run(20).run(100, moves=False).told == []
