"""What a board that rides on the belt tells: the camera's scale and turn, the belt's speed, the encoder's edge.

Each way through the picture is a measurement of its own; how far they differ is how surely it is known. The scale is
that of the board's height above the belt.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, degrees

import numpy as np

from edge.calibrate.board import Sighting
from edge.calibrate.measured import Measured, mean, slope

_FEWEST = 4
"""Sightings of one ride."""

_LEAST_PX = 20.0
"""A board that goes no further in them stands still."""


@dataclass(frozen=True, slots=True)
class _Sighted:
    at_ns: int
    travel_um: int
    board: Sighting


@dataclass(frozen=True, slots=True)
class Ride:
    """One way through the picture. `travel_ratio`: millimetres that the board went for each that the belt was said to
    have travelled. `square`: the scale across the picture over that along it."""

    mm_per_px: float
    skew_deg: float
    speed_mm_s: float
    travel_ratio: float | None
    rms_px: float
    square: float
    white: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class CameraFound:
    """What all the rides say."""

    mm_per_px: Measured
    skew_deg: Measured
    speed_mm_s: Measured
    travel_ratio: Measured | None
    rms_px: float
    square: float
    white: tuple[float, float, float]


class Rides:
    """Sightings in, rides out. One thread."""

    def __init__(self) -> None:
        self.done: list[Ride] = []
        self._sighted: list[_Sighted] = []

    def see(self, at_ns: int, travel_um: int, board: Sighting | None) -> None:
        """A frame of that instant and belt travel, and the board in it, if the whole of it is there."""
        if board is None:
            self._end()
            return
        if self._sighted and board.middle_px[0] < self._sighted[-1].board.middle_px[0] - _LEAST_PX:
            self._end()
        self._sighted.append(_Sighted(at_ns, travel_um, board))

    def found(self) -> CameraFound:
        """Of at least one ride."""
        rides = self.done
        ratios = [ride.travel_ratio for ride in rides if ride.travel_ratio is not None]
        white = np.mean([ride.white for ride in rides], axis=0)
        return CameraFound(
            mm_per_px=mean([ride.mm_per_px for ride in rides]),
            skew_deg=mean([ride.skew_deg for ride in rides]),
            speed_mm_s=mean([ride.speed_mm_s for ride in rides]),
            travel_ratio=mean(ratios) if ratios else None,
            rms_px=max(ride.rms_px for ride in rides),
            square=mean([ride.square for ride in rides]).value,
            white=(float(white[0]), float(white[1]), float(white[2])),
        )

    def _end(self) -> None:
        sighted, self._sighted = self._sighted, []
        if len(sighted) < _FEWEST:
            return
        ride = _ride(sighted)
        if ride is not None:
            self.done.append(ride)


def _ride(sighted: list[_Sighted]) -> Ride | None:
    boards = [one.board for one in sighted]
    if boards[-1].middle_px[0] - boards[0].middle_px[0] < _LEAST_PX:
        return None
    at_s = [(one.at_ns - sighted[0].at_ns) / 1e9 for one in sighted]
    along = slope(at_s, [board.middle_px[0] for board in boards])[1]
    across = slope(at_s, [board.middle_px[1] for board in boards])[1]
    # Picture by picture: which corner counts as the board's first may change from one to the next.
    speed_mm_s = float(np.mean([np.hypot(*(board.mm_of_px @ (along, across))) for board in boards]))
    travelled_mm_s = slope(at_s, [(one.travel_um - sighted[0].travel_um) / 1000 for one in sighted])[1]
    return Ride(
        mm_per_px=float(np.mean([board.along_mm_per_px for board in boards])),
        skew_deg=degrees(atan2(across, along)),
        speed_mm_s=speed_mm_s,
        travel_ratio=speed_mm_s / travelled_mm_s if travelled_mm_s > 0 else None,
        rms_px=float(np.mean([board.rms_px for board in boards])),
        square=float(np.mean([board.across_mm_per_px / board.along_mm_per_px for board in boards])),
        white=boards[len(boards) // 2].white,
    )
