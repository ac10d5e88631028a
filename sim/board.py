"""The printed board on the belt: laid down upstream of the picture again and again, each time where and how a hand
happens to lay it."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.calibrate.board import SIDE_MM, raster
from sim.camera import Placed
from sim.truth import stream

_PX_PER_MM = 5.0  # a whole number of pixels to a square
_EVERY_MM = 800.0
"""Of belt travel from one board to the next: never two in a picture."""

_TURN_DEG, _OFF_MM = 8.0, 15.0


@functools.cache
def _picture() -> NDArray[np.uint8]:
    grey = raster(_PX_PER_MM)
    return np.asarray(cv2.cvtColor(np.stack([grey] * 3, axis=2), cv2.COLOR_RGB2RGBA), np.uint8)


class BoardSkin:
    """Answers sim.fruit.Skin: flat, and the same from every side."""

    skin_id = label = "board"
    views = 1

    def view(self, n: int) -> NDArray[np.uint8]:
        return _picture()

    def damage_shown(self, n: int) -> bool:
        return False


class Boards:
    """Boards on a belt whose middle lies at `middle_mm` across it, from one belt travel on."""

    def __init__(self, seed: int, middle_mm: float, from_mm: float) -> None:
        self._seed = seed
        self._middle_mm = middle_mm
        self._from_mm = from_mm
        self._skin = BoardSkin()

    def placed_at(self, travel_mm: float, view_mm: float) -> Iterator[Placed]:
        """Those in or beside the picture. A board does not slip."""
        gone_mm = travel_mm - self._from_mm
        for n in range(max(0, int((gone_mm - view_mm - SIDE_MM) / _EVERY_MM)), int(gone_mm / _EVERY_MM) + 1):
            x_mm = gone_mm - n * _EVERY_MM - SIDE_MM
            draw = stream(self._seed, "board", n)
            y_mm = self._middle_mm + draw.uniform(-_OFF_MM, _OFF_MM)
            yaw_rad = math.radians(draw.uniform(-_TURN_DEG, _TURN_DEG))
            yield Placed(self._skin, 0, x_mm, y_mm, SIDE_MM, SIDE_MM, yaw_rad)
