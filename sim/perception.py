"""The `truth` level of perception: what the camera would show, told without a picture, and labels given.

Places and sizes pass through the true camera, with its own scale and skew, so the device's aim meets the same errors
as with rendered frames. Labels are the whole fruit's. For timing and flow; it says nothing of a bundle.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from edge.bundle import Thresholds
from edge.config import Camera
from edge.datapath import LABELS, UNKNOWN, Detection, Frame, Grades, Scene
from sim.truth import FruitTruth, MachineTruth
from sim.world import World

NO_PIXELS = np.zeros((1, 1, 3), np.uint8)
NO_MASK = np.zeros((1, 1), np.uint8)

THRESHOLDS = Thresholds(least_confidence=0.5, most_unknown=0.5, damaged=0.5)
BUNDLE = "truth"


@dataclass(frozen=True, slots=True)
class Sighting(Detection):
    """A detection that knows what it shows."""

    label: str = UNKNOWN


class Projection:
    """From the belt to the picture through the true camera, which the device believes to be the profile's. With each
    millimetre of x a fruit moves `along` pixels to the right and `across` down."""

    def __init__(self, camera: Camera, true: MachineTruth) -> None:
        self.size_px = (camera.width_px, camera.height_px)
        self.told_mm = camera.mm_per_px
        self.middle_px = (camera.width_px / 2, camera.height_px / 2)
        self.px_per_mm = 1 / true.mm_per_px
        self.along = math.cos(true.skew_rad) * self.px_per_mm
        self.across = math.sin(true.skew_rad) * self.px_per_mm
        middle_mm = (self.middle_px[0] * camera.mm_per_px, self.middle_px[1] * camera.mm_per_px)
        self._lens = (*middle_mm, *self.middle_px, self.along, self.across)

    def at_px(self, x_mm: float, y_mm: float) -> tuple[float, float]:
        """Where a place on the belt lies in the picture."""
        middle_x_mm, middle_y_mm, x_px, y_px, along, across = self._lens
        along_mm, across_mm = x_mm - middle_x_mm, y_mm - middle_y_mm
        return (
            x_px + along_mm * along - across_mm * across,
            y_px + along_mm * across + across_mm * along,
        )

    def cut(self, left: float, top: float, right: float, bottom: float) -> bool | None:
        """Whether the picture's edge cuts a box of these sides in pixels; None where it lies outside."""
        width_px, height_px = self.size_px
        if right <= 0 or left >= width_px or bottom <= 0 or top >= height_px:
            return None
        return left < 1 or top < 1 or right > width_px - 1 or bottom > height_px - 1


class TrueDetector:
    """Answers edge.ports.Detector for frames of the same world, in the order of their exposures."""

    def __init__(self, world: World, camera: Camera) -> None:
        self._world = world
        self._projection = Projection(camera, world.truth)

    def detect(self, frame: Frame) -> Sequence[Detection]:
        items = self._world.items_at(frame.exposed_at_ns)
        return [sighting for item, x_mm in items if (sighting := self._see(item.truth, x_mm))]

    def scene(self, travel_um: int) -> Scene | None:
        """There is no picture to measure."""
        return None

    def _see(self, truth: FruitTruth, x_mm: float) -> Sighting | None:
        projection = self._projection
        x_px, y_px = projection.at_px(x_mm, truth.y_mm)
        length_px = truth.length_mm * projection.px_per_mm
        half_px = length_px / 2
        left, top = x_px - half_px, y_px - half_px
        cut = projection.cut(left, top, x_px + half_px, y_px + half_px)
        if cut is None:
            return None
        mm = projection.told_mm
        size_px = round(length_px)
        box = (round(left), round(top), size_px, size_px)
        size_mm = length_px * mm
        return Sighting(box, x_px * mm, y_px * mm, size_mm, size_mm, cut, NO_PIXELS, NO_MASK, False, truth.skin.label)


class TrueGrader:
    """Answers edge.ports.Grader: a fruit is what it is, in every look."""

    bundle = BUNDLE

    def __init__(self) -> None:
        even = (1 / len(LABELS),) * len(LABELS)
        self._grades = {name: Grades(tuple(float(name == label) for label in LABELS), 0.0) for name in LABELS}
        self._grades[UNKNOWN] = Grades(even, 1.0)

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        """Raises TypeError for a detection that is not a Sighting."""
        return [(self._grades[_sighting(detection).label], 1.0) for detection in detections]


def _sighting(detection: Detection) -> Sighting:
    if not isinstance(detection, Sighting):
        raise TypeError(f"the truth level grades sightings, not {type(detection).__name__}")
    return detection
