"""The part that keeps what the empty belt looks like: its colour and brightness, and the plate behind all pictures.

The plate is the median of pictures between which the belt has moved on: what is in it stands still, rails and marks,
and what the belt carries is not.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.belt import BeltHistory
from edge.calibrate.changes import Changes, Value
from edge.calibrate.session import Laid, MakePart
from edge.config import Profile
from edge.datapath import Frame, GateEvent
from edge.detect.background import BeltColour
from edge.detect.segment import Segmenter
from edge.ports import GateLink

PICTURES = 15
_APART_UM = 37_000
"""Belt travel between two of the plate's pictures: no pitch of anything that recurs on a belt."""

Pixels = NDArray[np.uint8]


def median_plate(pictures: Sequence[Pixels]) -> Pixels:
    """The median of each value, the upper one of two; uint8 RGB (h, w, 3)."""
    middle = len(pictures) // 2
    return np.asarray(np.partition(np.stack(pictures), middle, axis=0)[middle], np.uint8)


def belt_colour(plate: Pixels) -> tuple[float, float, float] | None:
    """The belt's RGB in a plate; None where it is too dark to tell."""
    belt = BeltColour()
    belt.estimate(np.asarray(cv2.resize(plate, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8), 1.0)
    if belt.colour is None:
        return None
    red, green, blue = (round(float(value), 1) for value in belt.colour)
    return red, green, blue


class LightPart:
    """Answers `session.Part`. `plate_name`: the plate's file beside the profile."""

    lays: Laid = "nothing"

    def __init__(self, profile: Profile, utc: str, plate_name: str) -> None:
        self._utc = utc
        self._plate_name = plate_name
        self._segmenter = Segmenter(profile.camera.mm_per_px)
        self._levels: list[float] = []
        self._pictures: list[Pixels] = []
        self._next_um: int | None = None
        self._plate: Pixels | None = None

    @property
    def done(self) -> bool:
        return len(self._pictures) >= PICTURES and bool(self._levels)

    @property
    def lacks(self) -> str:
        return f"{PICTURES} pictures of the lit, empty, running belt (seen {len(self._pictures)})"

    @property
    def plate(self) -> Pixels:
        """Once it is done."""
        if self._plate is None:
            self._plate = median_plate(self._pictures)
        return self._plate

    def see(self, frame: Frame, travel_um: int) -> None:
        if self._next_um is not None and travel_um < self._next_um:
            return
        self._next_um = travel_um + _APART_UM
        if self._segmenter.detect(frame):
            return
        self._pictures.append(frame.pixels)
        if scene := self._segmenter.scene(travel_um):
            self._levels.append(scene.level)

    def hear(self, event: GateEvent) -> None:
        pass

    def step(self, now_ns: int) -> None:
        pass

    def changes(self) -> Changes:
        level = round(float(np.median(self._levels)), 1)
        evidence: dict[str, Value] = {
            "made_utc": self._utc,
            "belt_level": level,
            "belt_rgb": belt_colour(self.plate) or (0.0, 0.0, 0.0),
            "plate": self._plate_name,
        }
        return {("camera",): {"belt_level": level}, ("calibration", "light"): evidence}


def light_part(utc: str, plate_name: str) -> MakePart:
    """Makes the part."""

    def make(profile: Profile, gates: GateLink, belt: BeltHistory) -> LightPart:
        return LightPart(profile, utc, plate_name)

    return make
