"""The device's lines as the world sees them: levels now, and edges in the order of their stamps for a truth that runs
a fixed lag behind. Pure: it reads no clock."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping

from sim.wires import Edge, Lost


class Lines:
    """`released` gives each gate's pin and the level of its pull, which is its safe one."""

    def __init__(self, released: Mapping[int, int]) -> None:
        self.levels = dict(released)
        self.late = 0
        """Edges that arrived after the truth had passed their stamps: the lag was too short for them."""
        self.released = dict(released)
        self._claimed: set[int] = set()
        self._waiting: list[tuple[int, int, Edge | Lost]] = []
        self._serial = 0
        self._settled_ns = 0

    @property
    def known(self) -> bool:
        """Whether a hand holds every line."""
        return self._claimed == self.released.keys()

    @property
    def all_released(self) -> bool:
        return self.levels == self.released

    def hear(self, heard: Edge | Lost) -> None:
        """Take what the wires brought, in order of arrival."""
        if isinstance(heard, Lost):
            self.levels = dict(self.released)
            self._claimed.clear()
        elif heard.line in self.released:
            self.levels[heard.line] = heard.level
            self._claimed.add(heard.line)
        else:
            return
        self.late += heard.at_ns <= self._settled_ns
        self._serial += 1
        heapq.heappush(self._waiting, (max(heard.at_ns, self._settled_ns + 1), self._serial, heard))

    def settle(self, until_ns: int) -> Iterator[tuple[int, Edge | Lost]]:
        """What happened up to an instant and was not given before, each with the instant at which it counts."""
        while self._waiting and self._waiting[0][0] <= until_ns:
            at_ns, _, heard = heapq.heappop(self._waiting)
            yield at_ns, heard
        self._settled_ns = max(self._settled_ns, until_ns)
