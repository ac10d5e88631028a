"""The physics of diversion: what a gate does with its line's edges, and which fruit it takes.

A fruit goes where an open gate meets it. Its middle part (the middle `MIDDLE` of its length) has to meet the gate open
for at least `ENOUGH` of the time that it takes to pass: a gate that only brushes a fruit's end lets it run on.

What befalls a gate: it is stuck, open from the next time that it should shut, or shut; it is slow; or it bounces, and
opens once more behind each pulse.
"""

from __future__ import annotations

from collections import deque

from sim.faults import Faults
from sim.truth import MS, GateTruth

MIDDLE = 0.3
ENOUGH = 0.5
STUCK_OPEN, STUCK_CLOSED, SLOW, BOUNCING = "gate-stuck-open", "gate-stuck-closed", "gate-slow", "gate-bouncing"
_SLOW_NS, _SLOW_SD_NS = 45 * MS, 10 * MS
_BOUNCE_NS, _BOUNCED_NS = 30 * MS, 40 * MS
"""A gate that bounces opens again so long after it has shut, and for so long."""

_KEPT_NS = 2_000_000_000
"""How long a movement is remembered after it: longer than two fruit can pass out of order."""


class Gate:
    """One gate's movements. `commanded` is its line's state, `_moves` the instants at which it was truly open, shut,
    open, and so on."""

    def __init__(self, truth: GateTruth, faults: Faults | None = None) -> None:
        """`faults` None: nothing ever befalls this gate."""
        self.truth = truth
        self._faults = faults or None  # a run without faults asks nobody
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
        if self._faults:
            self._move_at_fault(is_open, at_ns, moved_ns, self._faults)
        else:
            self._move(moved_ns)

    def bounces(self, at_ns: int) -> bool:
        """Whether its flap swings back at an instant."""
        return self._faults is not None and self._faults.holds(BOUNCING, at_ns)

    def moved(self, until_ns: int) -> list[int]:
        """The instants up to one at which it was truly open, shut, open, and so on, as far back as they are kept."""
        return [at_ns for at_ns in self._moves if at_ns <= until_ns]

    def open_ns(self, from_ns: int, to_ns: int) -> int:
        """For how long it is open between two instants, the second no later than the last command's own."""
        total = 0
        moves = iter(self._moves)
        for opened_ns in moves:
            shut_ns = next(moves, to_ns)
            if shut_ns > from_ns and opened_ns < to_ns:  # few of those that are kept
                total += max(0, min(shut_ns, to_ns) - max(opened_ns, from_ns))
        return total

    def takes(self, from_ns: int, to_ns: int) -> bool:
        """Whether a fruit whose middle part passes between two instants is diverted."""
        return bool(self._moves) and self.open_ns(from_ns, to_ns) >= ENOUGH * (to_ns - from_ns)

    def taken_ns(self, from_ns: int, to_ns: int) -> int:
        """When a fruit that is taken leaves the belt: once the gate has been open for enough of its passage."""
        missing_ns = round(ENOUGH * (to_ns - from_ns))
        moves = iter(self._moves)
        for opened_ns in moves:
            shut_ns = next(moves, to_ns)
            if shut_ns <= from_ns:
                continue
            since_ns = max(opened_ns, from_ns)
            open_ns = max(0, min(shut_ns, to_ns) - since_ns)
            if open_ns >= missing_ns:
                return since_ns + missing_ns
            missing_ns -= open_ns
        return to_ns

    def _move(self, moved_ns: int) -> None:
        if self._moves and moved_ns <= self._moves[-1]:
            self._moves.pop()
        else:
            self._moves.append(moved_ns)

    def _move_at_fault(self, is_open: bool, at_ns: int, moved_ns: int, faults: Faults) -> None:
        if faults.holds(SLOW, at_ns):
            moved_ns += max(0, round(_SLOW_NS + self.truth.jitter.gauss(0, 1) * _SLOW_SD_NS))
        if (not is_open and not len(self._moves) % 2) or (is_open and faults.holds(STUCK_CLOSED, at_ns)):
            return  # it has not opened, or does not
        if not is_open:
            moved_ns = max([moved_ns, *(to for since, to in faults.spans(STUCK_OPEN) if since <= moved_ns < to)])
        self._move(moved_ns)
        if not is_open and faults.holds(BOUNCING, at_ns):
            self._moves.extend((moved_ns + _BOUNCE_NS, moved_ns + _BOUNCE_NS + _BOUNCED_NS))

    def forget(self, before_ns: int) -> None:
        """Drop movements that no fruit can meet any more."""
        while len(self._moves) >= 2 and self._moves[1] < before_ns - _KEPT_NS:
            self._moves.popleft()
            self._moves.popleft()
