"""What the camera gives for each exposure: as a rule the picture; when it fails nothing, or an older one."""

from __future__ import annotations

from collections.abc import Callable

from edge.datapath import Frame
from sim.faults import Faults
from sim.optics import Optics, Pixels

_DROPPED = 3
"""Of so many frames one is dropped by a driver that numbers on as if nothing were missing."""

_STALE = 2
"""Of so many frames one is the frame before it, again."""


class Delivery:
    """One camera's. Belongs to one thread."""

    def __init__(self, faults: Faults, size_px: tuple[int, int]) -> None:
        self._faults = faults
        self._optics = Optics(faults, size_px)
        self._missing = 0
        self._last: Frame | None = None

    def frame(self, number: int, exposed_ns: int, expose: Callable[[int], Pixels]) -> Frame | None:
        """The frame that comes of exposure `number`, counted from 1; None if none comes. `expose` takes the
        picture of an instant through clean glass and in good light."""
        faults = self._faults
        if faults.holds("camera-stall", exposed_ns):
            return None
        if number % _DROPPED == 0 and faults.holds("silent-drop", exposed_ns):
            self._missing += 1
            return None
        if number % _STALE == 0 and self._last and faults.holds("stale-frame", exposed_ns):
            return self._last
        self._last = Frame("sim", number - self._missing, exposed_ns, self._optics.dim(expose(exposed_ns), exposed_ns))
        return self._last
