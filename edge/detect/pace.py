"""The encoder held to the picture, frame by frame: fruit that move while it hardly counts show that it is lost.

The tracks cannot tell: they are placed by the travel that the encoder counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from edge.config import Profile
from edge.datapath import Detection
from edge.incidents import ENCODER_LOST, Told

_SURE = 12
"""Fruit times frames that must agree: four frames with three fruit or more."""

_MOST = 3
_STILL_MM = 1.0
"""What moves less from frame to frame stands."""

_MOVES_MM = 2.5
_COUNTS = 0.3, 0.7
"""Of the way that the fruit went: the encoder is lost that counts less than the first, and found again that counts more
than the second."""

_SIDEWAYS_MM = 15.0


class Pace:
    """One run's. On a machine without an encoder there is nothing to lose."""

    def __init__(self, profile: Profile) -> None:
        self.lost = False
        self._counted = profile.encoder is not None
        self._travel_um: int | None = None
        self._places: list[tuple[float, float]] = []
        self._against = 0

    def see(self, travel_um: int, detections: Sequence[Detection]) -> list[Told]:
        """A frame's fruit, and the belt's travel in the middle of its exposure."""
        if not self._counted:
            return []
        whole = (d for d in detections if not d.touches_edge)
        places = [(d.x_mm, d.y_mm) for d in whole if d.x_mm is not None and d.y_mm is not None]
        before, self._places = self._places, places
        counted_mm = 0.0 if self._travel_um is None else (travel_um - self._travel_um) / 1000
        self._travel_um = travel_um
        moved = [mm for place in places if (mm := _moved_mm(place, before)) is not None]
        if self._contradicts(counted_mm, moved):
            self._against += min(_MOST, max(1, len(moved)))
        elif moved or counted_mm > _MOVES_MM:
            self._against = 0
        if self._against < _SURE:
            return []
        self._against = 0
        self.lost = not self.lost
        return [Told(ENCODER_LOST.code, self.lost)]

    def _contradicts(self, counted_mm: float, moved: Sequence[float]) -> bool:
        """Whether a frame speaks against what is held of the encoder so far."""
        lost, found = _COUNTS
        if not self.lost:
            return bool(moved) and (mm := median(moved)) >= _MOVES_MM and counted_mm < lost * mm
        return counted_mm >= _MOVES_MM and (not moved or counted_mm > found * median(moved))


def _moved_mm(place: tuple[float, float], before: Sequence[tuple[float, float]]) -> float | None:
    """How far a fruit has come since the last frame: from the nearest place behind it, or from none but its own."""
    x_mm, y_mm = place
    ways = [x_mm - x for x, y in before if abs(y - y_mm) <= _SIDEWAYS_MM and x <= x_mm + _STILL_MM]
    way_mm = min(ways, default=None)
    return None if way_mm is None else 0.0 if way_mm <= _STILL_MM else way_mm
