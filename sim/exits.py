"""The exit sensors as they are: which edges their lines show when a fruit has fallen through a gate.

A line is low while its beam is broken. A fruit breaks it where it lands; the flap of a gate that bounces swings through
it once more.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from edge.config import Profile
from sim.truth import MS
from sim.wires import Edge

_THROUGH_NS = 40 * MS
_SWING_NS, _SWUNG_NS = 70 * MS, 10 * MS


class ExitSensors:
    """Each edge of their lines once, in order. False where a machine has none."""

    def __init__(self, profile: Profile) -> None:
        self.pins = {name: gate.exit_pin for name, gate in profile.gates.items() if gate.exit_pin is not None}
        self._due: list[Edge] = []

    def __bool__(self) -> bool:
        return bool(self.pins)

    def fell(self, gate: str, landed_at_ns: int, bounces: bool) -> None:
        """A fruit has fallen through a gate. Told before it lands."""
        if gate in self.pins:
            self._break(self.pins[gate], landed_at_ns, _THROUGH_NS)
            if bounces:
                self._break(self.pins[gate], landed_at_ns + _SWING_NS, _SWUNG_NS)

    def until(self, at_ns: int) -> Iterator[Edge]:
        """The edges up to an instant that were not asked for before."""
        while self._due and self._due[0].at_ns <= at_ns:
            yield heapq.heappop(self._due)

    def _break(self, pin: int, at_ns: int, lasts_ns: int) -> None:
        heapq.heappush(self._due, Edge(at_ns, pin, 0))
        heapq.heappush(self._due, Edge(at_ns + lasts_ns, pin, 1))
