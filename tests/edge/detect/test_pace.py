"""Fruit that move through the picture beside an encoder that does as it is made to."""

import random

import numpy as np
import pytest

from edge.config import Encoder
from edge.datapath import Detection
from edge.detect.pace import Pace
from tests.edge.profiles import demo

DEMO = demo()
PROFILE = DEMO.model_copy(update={"encoder": Encoder(pin_a=20, pin_b=21, um_per_edge=500)})
NO_PIXELS, NO_MASK = np.zeros((1, 1, 3), np.uint8), np.zeros((1, 1), np.uint8)


def run(frames, counted, profile=PROFILE, moved_mm=20.0, pitch_mm=110.0, noise_mm=0.4):
    """`counted(n)`: the travel in mm that the encoder gains before frame n. Returns (frame, raised) of what is told."""
    pace, draw, told, travel_mm, true_mm = Pace(profile), random.Random(1), [], 0.0, 0.0
    for n in range(frames):
        travel_mm += counted(n)
        true_mm += moved_mm
        places = (n * pitch_mm - 2_000 + true_mm for n in range(int(true_mm / pitch_mm) + 40))
        seen = [
            Detection((0, 0, 1, 1), x + draw.gauss(0, noise_mm), 100.0, 60.0, 60.0, False, NO_PIXELS, NO_MASK)
            for x in places
            if 30 < x < DEMO.camera.view_mm - 30
        ]
        told += [(n, one.raised) for one in pace.see(round(travel_mm * 1000), seen)]
    return told


@pytest.mark.parametrize("moved_mm", [3.3, 20.0, 33.0])
@pytest.mark.parametrize("pitch_mm", [36.0, 110.0, 300.0])
def test_an_encoder_that_counts_is_not_lost(moved_mm, pitch_mm):
    assert run(200, lambda n: moved_mm, moved_mm=moved_mm, pitch_mm=pitch_mm) == []


@pytest.mark.parametrize("pitch_mm", [110.0, 400.0])
def test_one_that_stands_while_fruit_move_is_lost_within_a_dozen_frames_and_found_when_it_counts(pitch_mm):
    (lost, found) = run(90, lambda n: 0.0 if 20 <= n < 50 else 20.0, pitch_mm=pitch_mm)
    assert 20 < lost[0] <= 33 and lost[1]
    assert 50 < found[0] <= 63 and not found[1]


def test_one_that_counts_but_slips_is_not_lost():
    assert run(200, lambda n: 19.0) == []


def test_a_belt_that_stands_with_its_fruit_loses_nothing():
    assert run(100, lambda n: 0.0, moved_mm=0.0) == []


def test_an_encoder_that_counts_on_an_empty_belt_is_found_again():
    pace = Pace(PROFILE)
    pace.lost = True
    assert [one.raised for n in range(20) for one in pace.see(n * 20_000, [])] == [False]


def test_without_an_encoder_there_is_none_to_lose():
    assert run(100, lambda n: 0.0, profile=DEMO) == []
