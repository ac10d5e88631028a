"""Which way fruit go through the picture, and how fast: a camera that is turned or raised turns and scales that."""

from __future__ import annotations

from collections.abc import Sequence
from math import atan2, degrees, fsum

from edge.datapath import Detection, Frame
from edge.doctor.fit import Path

_NEAR_MM = 12.0
_OFF = 0.1
"""A fruit is looked for where the belt must have carried it, within so much, and this share of the way more."""

_LONGEST_NS = 150_000_000
FEWEST = 20


class Paths:
    """Of one look through the camera. `speed_mm_s`: about how fast the belt runs."""

    def __init__(self, speed_mm_s: float) -> None:
        self._speed_mm_s = speed_mm_s
        self._before: tuple[int, list[tuple[float, float]]] | None = None
        self._steps: list[tuple[float, float, float]] = []

    def see(self, frame: Frame, found: Sequence[Detection]) -> None:
        """The next frame, and the fruit in it."""
        whole = [one for one in found if not one.touches_edge]
        places = [(one.x_mm, one.y_mm) for one in whole if one.x_mm is not None and one.y_mm is not None]
        before, self._before = self._before, (frame.exposed_at_ns, places)
        if before is None or not 0 < frame.exposed_at_ns - before[0] < _LONGEST_NS:
            return
        seconds = (frame.exposed_at_ns - before[0]) / 1e9
        for x_mm, y_mm in before[1]:
            goes_mm = self._speed_mm_s * seconds
            off_mm = _NEAR_MM + _OFF * goes_mm
            near = [(x, y) for x, y in places if abs(x - x_mm - goes_mm) < off_mm and abs(y - y_mm) < _NEAR_MM]
            if len(near) == 1:
                self._steps.append((near[0][0] - x_mm, near[0][1] - y_mm, seconds))

    def found(self) -> Path | None:
        """None where too few fruit went by."""
        if len(self._steps) < FEWEST:
            return None
        along_mm, across_mm, seconds = (fsum(step[n] for step in self._steps) for n in range(3))
        return Path(degrees(atan2(across_mm, along_mm)), along_mm / seconds, len(self._steps))
