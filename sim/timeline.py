"""Virtual time: one queue of all that has a next instant, in one process and one thread."""

from __future__ import annotations

import heapq
from collections.abc import Callable

NEVER_NS = 2**63 - 1
START_NS = 1_000_000_000
"""When a run in virtual time begins."""


class Actor:
    """Something with a step. `priority` orders the steps of one instant, the lowest first."""

    __slots__ = ("due_ns", "priority", "step")

    def __init__(self, priority: int, step: Callable[[int], int]) -> None:
        self.priority = priority
        self.step = step
        self.due_ns = NEVER_NS


class Timeline:
    """Steps every actor at its instant, ordered by (instant, priority, serial). A step answers with its next wake."""

    def __init__(self, now_ns: int) -> None:
        self.now_ns = now_ns
        self._serial = 0
        self._heap: list[tuple[int, int, int, Actor]] = []

    def wake(self, actor: Actor, at_ns: int) -> None:
        """Step an actor at an instant, unless it is stepped before that anyway."""
        if at_ns < actor.due_ns:
            actor.due_ns = at_ns
            self._serial += 1
            heapq.heappush(self._heap, (at_ns, actor.priority, self._serial, actor))

    def run(self, ended: Callable[[], bool]) -> None:
        """Until `ended` says so, which is asked after each step, or nobody has a next instant."""
        heap = self._heap
        while heap:
            at_ns, _, _, actor = heapq.heappop(heap)
            if actor.due_ns != at_ns:
                continue  # it was woken before this instant
            self.now_ns = at_ns
            actor.due_ns = NEVER_NS
            next_ns = actor.step(at_ns)
            if next_ns < actor.due_ns:  # as `wake` does
                actor.due_ns = due_ns = next_ns if next_ns > at_ns else at_ns
                self._serial += 1
                heapq.heappush(heap, (due_ns, actor.priority, self._serial, actor))
            if ended():
                return
