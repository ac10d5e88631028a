"""The encoder's wheel as it is: which edges its lines show, and when. Closed-form, like the belt it rolls on."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Sequence

from edge.config import Encoder
from sim.faults import Faults
from sim.motion import Belt
from sim.wires import Edge

_QUADRATURE = ((0, 1), (1, 1), (0, 0), (1, 0))
"""One period forwards: which line changes (A is 0), and its new level."""

SLIP, LOSS, BOUNCE = "encoder-slip", "encoder-loss", "encoder-bounce"
_SLIP = 0.05
_BOUNCES_NS = 40_000, 90_000
"""After an edge that bounces its line falls back and comes again so much later."""

Slip = tuple[float, float, float]
"""From which belt travel to which a wheel slips, and by which share of it."""


class Wheel:
    """Each edge of its lines once, in order. While a wheel slips it counts only a part of the belt's travel;
    `um_per_edge` is the true one."""

    def __init__(
        self, told: Encoder, um_per_edge: float, slips: Sequence[Slip], belt: Belt, faults: Faults | None = None
    ) -> None:
        """`faults` None: nothing ever befalls this wheel."""
        self._pins = (told.pin_a, told.pin_b)
        self._edge_mm = um_per_edge / 1000
        self._belt = belt
        self._faults = faults or None
        spans = ((belt.travel_mm(from_ns), belt.travel_mm(to_ns)) for from_ns, to_ns in _spans(faults, SLIP))
        self._lay([*slips, *((from_mm, to_mm, _SLIP) for from_mm, to_mm in spans)])
        self._next = 1

    def until(self, at_ns: int) -> Iterator[Edge]:
        """The edges up to an instant that were not asked for before."""
        last = math.floor(self._wheel_mm(self._belt.travel_mm(at_ns)) / self._edge_mm)
        for n in range(self._next, last + 1):
            channel, level = self._shown(n)
            pin = self._pins[channel]
            assert pin is not None
            edge = Edge(min(at_ns, self._belt.at_ns(self._belt_mm(n * self._edge_mm))), pin, level)
            yield from self._befallen(edge, self._faults) if self._faults else (edge,)
        self._next = max(self._next, last + 1)

    @staticmethod
    def _befallen(edge: Edge, faults: Faults) -> Iterator[Edge]:
        if faults.holds(LOSS, edge.at_ns):
            return
        yield edge
        if faults.holds(BOUNCE, edge.at_ns):
            for after_ns, level in zip(_BOUNCES_NS, (1 - edge.level, edge.level), strict=True):
                yield Edge(edge.at_ns + after_ns, edge.line, level)

    def _shown(self, n: int) -> tuple[int, int]:
        return (0, n % 2) if self._pins[1] is None else _QUADRATURE[(n - 1) % 4]

    def _lay(self, slips: Sequence[Slip]) -> None:
        """The places at which it begins or ceases to slip: on the belt, on the wheel, and the share that it counts from
        there on."""
        marks = sorted({0.0, *(mm for from_mm, to_mm, _ in slips for mm in (from_mm, to_mm) if math.isfinite(mm))})
        self._belt_marks, self._wheel_marks, self._counts = marks, [marks[0]], list[float]()
        for n, mark in enumerate(marks):
            self._counts.append(1 - sum(share for from_mm, to_mm, share in slips if from_mm <= mark < to_mm))
            if n + 1 < len(marks):
                self._wheel_marks.append(self._wheel_marks[n] + (marks[n + 1] - mark) * self._counts[n])

    def _wheel_mm(self, belt_mm: float) -> float:
        n = max(0, bisect_right(self._belt_marks, belt_mm) - 1)
        return self._wheel_marks[n] + (belt_mm - self._belt_marks[n]) * self._counts[n]

    def _belt_mm(self, wheel_mm: float) -> float:
        n = max(0, bisect_right(self._wheel_marks, wheel_mm) - 1)
        return self._belt_marks[n] + (wheel_mm - self._wheel_marks[n]) / self._counts[n]


def _spans(faults: Faults | None, name: str) -> tuple[tuple[int, int], ...]:
    return faults.spans(name) if faults else ()
