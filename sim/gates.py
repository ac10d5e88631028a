"""The physics of diversion: what a gate does with its line's edges, and which fruit it takes.

A fruit goes where an open gate meets it. Its middle part (the middle `MIDDLE` of its length) has to meet the gate open
for at least `ENOUGH` of the time that it takes to pass: a gate that only brushes a fruit's end lets it run on.
"""

from __future__ import annotations

from collections import deque

from sim.truth import GateTruth

MIDDLE = 0.3
ENOUGH = 0.5
_KEPT_NS = 2_000_000_000
"""How long a movement is remembered after it: longer than two fruit can pass out of order."""


class Gate:
    """One gate's movements. `commanded` is its line's state, `_moves` the instants at which it was truly open, shut,
    open, and so on."""

    def __init__(self, truth: GateTruth) -> None:
        self.truth = truth
        self.commanded = False
        self._moves: deque[int] = deque()

    def command(self, is_open: bool, at_ns: int) -> None:
        """An edge of its line; a level that it has already is none. Edges come in the order of their instants.

        A gate that is told to shut before it has opened does not move, nor the other way round.
        """
        if is_open == self.commanded:
            return
        self.commanded = is_open
        truth = self.truth
        delay_ns = truth.open_delay_ns if is_open else truth.close_delay_ns
        moved_ns = at_ns + max(0, round(delay_ns + truth.jitter.gauss(0, 1) * truth.sd_ns))
        if self._moves and moved_ns <= self._moves[-1]:
            self._moves.pop()
        else:
            self._moves.append(moved_ns)

    def moved(self, until_ns: int) -> list[int]:
        """The instants up to one at which it was truly open, shut, open, and so on, as far back as they are kept."""
        return [at_ns for at_ns in self._moves if at_ns <= until_ns]

    def open_ns(self, from_ns: int, to_ns: int) -> int:
        """For how long it is open between two instants, the second no later than the last command's own."""
        total = 0
        moves = iter(self._moves)
        for opened_ns in moves:
            shut_ns = next(moves, to_ns)
            total += max(0, min(shut_ns, to_ns) - max(opened_ns, from_ns))
        return total

    def takes(self, from_ns: int, to_ns: int) -> bool:
        """Whether a fruit whose middle part passes between two instants is diverted."""
        return bool(self._moves) and self.open_ns(from_ns, to_ns) >= ENOUGH * (to_ns - from_ns)

    def forget(self, before_ns: int) -> None:
        """Drop movements that no fruit can meet any more."""
        while len(self._moves) >= 2 and self._moves[1] < before_ns - _KEPT_NS:
            self._moves.popleft()
            self._moves.popleft()
