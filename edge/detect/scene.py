"""How the empty belt shows between the fruit: its brightness, and places where the picture stays dim while belt passes.

Measured in every second frame, on a grid of about 40 x 30 pixels of the halved frame and of its mask, which the
segmenter has anyway: about a hundredth of a millisecond.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.datapath import Scene
from edge.detect.background import BeltColour

_COLUMNS = 40
_LEAST_BELT = 0.1
"""Share of the grid that must be belt; with less of it the brightest tenth of the picture stands in."""

_COARSE = 8
"""The brightness is taken from whole rows, so many steps of the grid apart."""

_SPACINGS_UM = (55_000, 95_000, 75_000, 135_000)
"""Belt travel from one picture to the next from which spots are found, in turns: uneven, or fruit at an even pitch
would cast their shadows on the same places every time."""

_SAMPLES = 20
"""Pictures of one stretch: 1.9 m of belt."""

_FEWEST = 8
"""Of these a place must have shown belt at least so often: one that is seldom seen lies in a shadow."""

_DIM = 0.85
"""Of what is usual in its row and its column: the grain of a belt stays well above that in the brightest of several
pictures, and a drop or a finger's mark takes away a fifth and more."""

_SMALLEST = 4
"""Places that must be dim, of all: a speck is no spot."""


class Scenery:
    """Measures for one camera. `measure` every frame that is segmented. One thread."""

    __slots__ = ("_at_um", "_best", "_passes", "_samples", "_times")

    def __init__(self) -> None:
        self._best = self._times = np.zeros((0, 0), np.uint8)
        self._samples = 0
        self._passes = True
        self._at_um: int | None = None

    def measure(
        self, half: NDArray[np.uint8], mask: NDArray[np.uint8], belt: BeltColour, travel_um: int
    ) -> Scene | None:
        """`half` is the halved frame, uint8 RGB (h, w, 3), and `mask` uint8 (h, w), 0 on the belt. `travel_um`: the
        belt's travel at the exposure. None for a frame that is passed over, or without a belt."""
        self._passes = not self._passes
        step = max(1, half.shape[1] // _COLUMNS)
        if belt.colour is None:  # it has been dark since the first frame
            return Scene(_bright(half[::step, ::step].max(axis=2)))
        first, last = belt.rows
        due = self._at_um is None or abs(travel_um - self._at_um) >= _SPACINGS_UM[self._samples % len(_SPACINGS_UM)]
        if (self._passes and not due) or last - first < _COARSE * step:
            return None
        rows = slice(first + step // 2, last, _COARSE * step)
        bare = cv2.bitwise_not(mask[rows])
        if cv2.countNonZero(bare) < _LEAST_BELT * bare.size:
            return Scene(_bright(half[rows, ::step, belt.brightest]))
        red, green, blue, _ = cv2.mean(half[rows], bare)
        rgb = (red, green, blue)
        level = rgb[belt.brightest]
        if not due:
            return Scene(level, None, rgb)
        self._at_um = travel_um
        grid = np.s_[step // 2 :: step, step // 2 :: step]
        grey = np.ascontiguousarray(half[(*grid, belt.brightest)])
        bare = cv2.bitwise_not(np.ascontiguousarray(mask[grid]))
        bare[: first // step + 1] = 0
        bare[(last - 1) // step :] = 0
        return Scene(level, self._passed(grey, np.asarray(bare, np.uint8)), rgb)

    def _passed(self, grey: NDArray[np.uint8], bare: NDArray[np.uint8]) -> float | None:
        """The belt has moved on by a spacing; the share of spots where that completes a stretch."""
        if self._best.shape != grey.shape:
            self._begin(grey.shape)
        cv2.max(self._best, cv2.bitwise_and(grey, bare), dst=self._best)
        self._times += bare >> 7
        self._samples += 1
        if self._samples < _SAMPLES:
            return None
        spots = _spots(self._best, self._times >= _FEWEST)
        self._begin(grey.shape)
        return spots

    def _begin(self, shape: tuple[int, ...]) -> None:
        self._best, self._times = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        self._samples = 0


def _bright(grey: NDArray[np.uint8]) -> float:
    return float(np.quantile(grey, 0.9))


def _spots(best: NDArray[np.uint8], known: NDArray[np.bool_]) -> float:
    """The share of the places that are dim, each against its row and its column: light falls off towards the sides,
    and a belt may have stripes. Where no belt was ever seen lies something: that is not the lens's affair."""
    if known.mean() < _LEAST_BELT:
        return 0.0
    usual = float(np.median(best[known]))
    seen = np.where(known, best, usual)
    row, column = np.median(seen, axis=1, keepdims=True), np.median(seen, axis=0, keepdims=True)
    dim = int((seen < _DIM * row * column / usual).sum())
    return dim / int(known.sum()) if dim >= _SMALLEST else 0.0
