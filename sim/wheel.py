"""The encoder's wheel as it is: which edges its lines show, and when. Closed-form, like the belt it rolls on."""

from __future__ import annotations

import math
from collections.abc import Iterator

from edge.config import Encoder
from sim.motion import Belt
from sim.wires import Edge

_QUADRATURE = ((0, 1), (1, 1), (0, 0), (1, 0))
"""One period forwards: which line changes (A is 0), and its new level."""


class Wheel:
    """Each edge of its lines once, in order. A wheel that slips counts `1 - slip` of the belt's travel from
    `slips_from_mm` of it on; `um_per_edge` is the true one."""

    def __init__(self, told: Encoder, um_per_edge: float, slip: float, slips_from_mm: float, belt: Belt) -> None:
        self._pins = (told.pin_a, told.pin_b)
        self._edge_mm = um_per_edge / 1000
        self._grips = 1 - slip
        self._slips_from_mm = slips_from_mm
        self._belt = belt
        self._next = 1

    def until(self, at_ns: int) -> Iterator[Edge]:
        """The edges up to an instant that were not asked for before."""
        last = math.floor(self._wheel_mm(self._belt.travel_mm(at_ns)) / self._edge_mm)
        for n in range(self._next, last + 1):
            channel, level = self._shown(n)
            pin = self._pins[channel]
            assert pin is not None
            yield Edge(min(at_ns, self._belt.at_ns(self._belt_mm(n * self._edge_mm))), pin, level)
        self._next = max(self._next, last + 1)

    def _shown(self, n: int) -> tuple[int, int]:
        return (0, n % 2) if self._pins[1] is None else _QUADRATURE[(n - 1) % 4]

    def _wheel_mm(self, belt_mm: float) -> float:
        return belt_mm - max(0.0, belt_mm - self._slips_from_mm) * (1 - self._grips)

    def _belt_mm(self, wheel_mm: float) -> float:
        return wheel_mm + max(0.0, wheel_mm - self._slips_from_mm) * (1 / self._grips - 1)
