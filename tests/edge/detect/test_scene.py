"""How the empty belt shows: its brightness between fruit, and spots that stay."""

import numpy as np
import pytest

from edge.datapath import Frame, Scene
from edge.detect.segment import Segmenter
from sim.camera import BeltCamera, CameraTruth, Placed
from sim.faults import Faults, FaultSpan
from sim.fruit import load_builtin
from sim.optics import Optics
from tests.edge.detect.drawn import COLOURS, frame, row
from tests.edge.profiles import demo

CAMERA = demo().camera
STEP_MM = 20


def scene(segmenter: Segmenter, pixels: np.ndarray, travel_mm: float = 0.0) -> Scene:
    """Every second frame is measured."""
    found = None
    while found is None:
        segmenter.detect(Frame("test", 0, 0, pixels))
        found = segmenter.scene(round(travel_mm * 1000))
    return found


def seen(*, dirty: bool = False, fruit_mm: float | None = 90.0, steps: int = 200, moving: bool = True) -> list[float]:
    """The shares that are told while a belt with a fruit every so often passes."""
    eye, segmenter = BeltCamera(CAMERA, CameraTruth(CAMERA.mm_per_px), 1), Segmenter(CAMERA.mm_per_px)
    spans = [FaultSpan(name="dirty-lens", from_s=0, to_s=1)] if dirty else []
    optics = Optics(Faults(spans), (CAMERA.width_px, CAMERA.height_px))
    skin, told = load_builtin("held")[0], []
    for n in range(steps):
        at_mm = n * STEP_MM if moving else 0
        lying = [] if fruit_mm is None else np.arange(at_mm % fruit_mm - fruit_mm, CAMERA.view_mm + 60, fruit_mm)
        placed = [Placed(skin, 0, x, y, 58, 58) for x in lying for y in (108, 228)]
        found = scene(segmenter, optics.dim(eye.render(placed, at_mm), 0), at_mm)
        told += [] if found.spots is None else [found.spots]
    return told


def test_the_level_follows_the_light_whatever_lies_on_the_belt():
    segmenter = Segmenter(0.7)
    full = scene(segmenter, frame(row(list(COLOURS), y=140) + row(list(COLOURS), y=320))).level
    assert scene(segmenter, frame([])).level == pytest.approx(full, rel=0.02)
    for light in (0.5, 0.8, 1.25):
        assert scene(segmenter, frame(row(list(COLOURS)), light)).level == pytest.approx(full * light, rel=0.03)


def test_in_the_dark_the_level_is_that_of_what_little_there_is():
    segmenter = Segmenter(0.7)
    lit = scene(segmenter, frame(row(list(COLOURS)))).level
    assert scene(segmenter, frame(row(list(COLOURS)), 0.03)).level < 0.1 * lit


def test_a_long_night_does_not_unlearn_the_belt():
    segmenter = Segmenter(0.7)
    before = len(segmenter.detect(Frame("test", 0, 0, frame(row(list(COLOURS))))))
    night = Frame("test", 0, 0, frame([], 0.02))
    for _ in range(400):
        segmenter.detect(night)
    assert len(segmenter.detect(Frame("test", 0, 0, frame(row(list(COLOURS)))))) == before


def test_a_segmenter_that_starts_in_the_dark_finds_the_belt_with_the_first_light():
    segmenter = Segmenter(0.7)
    for _ in range(3):
        assert scene(segmenter, np.zeros((480, 640, 3), np.uint8)).level < 5
    assert len(segmenter.detect(Frame("test", 0, 0, frame(row(list(COLOURS)))))) == len(COLOURS)


@pytest.mark.slow
@pytest.mark.parametrize("fruit_mm", [None, 58, 80, 120])
def test_a_clean_lens_shows_no_spot_however_full_the_belt(fruit_mm: float | None):
    assert seen(fruit_mm=fruit_mm) == [0.0] * 2


@pytest.mark.slow
@pytest.mark.parametrize("fruit_mm", [None, 90])
def test_drops_on_the_lens_are_spots(fruit_mm: float | None):
    told = seen(dirty=True, fruit_mm=fruit_mm)
    assert len(told) == 2
    assert all(0.03 < share < 0.2 for share in told)


@pytest.mark.slow
def test_a_belt_that_stands_tells_nothing_of_the_lens():
    assert seen(moving=False, dirty=True) == []
