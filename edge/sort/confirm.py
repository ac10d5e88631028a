"""Every fall held to the pulses: which gate is stuck, slow or bouncing, which lane jammed, whether the queue slipped.

What the exit sensors see is tested fruit by fruit (`edge.sort.cusum`): on a healthy machine less than one test in a
hundred million events says otherwise. A gate that misses its fruit is taken out of use for some seconds and tried
again; one that takes what is not its own stops the line, as does a lane without falls, or one in which every fall fits
the fruit before or behind better than the one that was sent there.
"""

from __future__ import annotations

from collections import Counter

from edge.belt import BeltEstimate
from edge.config import Profile
from edge.datapath import Fall, GateEvent, Outcome, Track
from edge.incidents import (
    CATALOGUE,
    GATE_BOUNCING,
    GATE_SLOW,
    GATE_STUCK_CLOSED,
    GATE_STUCK_OPEN,
    LANE_JAM,
    OUTLET_JAMMED,
    QUEUE_SLIPPED,
    Entry,
    Told,
)
from edge.sort.cusum import Late, Share, Shift
from edge.sort.exits import RECENT, Awaited, Exit, Row

_EVERY_NS = 50_000_000
_OUT_NS = 10_000_000_000
"""A gate that misses its fruit is left alone for so long before it is tried again."""

_GOOD = 24
"""So many fruit in a row that are taken as they should clear a gate's name."""

_JAMMED_NS = 1_000_000_000
"""No fruit falls for so long: the beam is blocked."""

_RUN, _ELSEWHERE = 6, 2
"""Fruit missed in a row, and those of them beside the gate that missed most, from which on it is the lane: at 2 %
missed on a healthy lane that is a chance of 1e-10 a fruit, and of 1e-3 where a single gate is stuck."""


class Confirmation:
    """The exit sensors of one run. Where the profile has none, nothing is ever told."""

    def __init__(self, profile: Profile) -> None:
        self._exits = {name: Exit(name, gate) for name, gate in profile.gates.items() if gate.exit_pin is not None}
        lanes = sorted({exit_.lane for exit_ in self._exits.values()})
        self._rows = {lane: Row(e for e in self._exits.values() if e.lane == lane) for lane in lanes}
        self._sent: dict[str, Awaited] = {}
        self._named: dict[str, dict[str, int]] = {}
        """What stands, by code: each gate or lane with the fruit that it has taken well since."""
        self._out_until_ns: dict[str, int] = {}
        self._news: list[Told] = []
        self._next_ns = 0

    def sent(self, track: Track, gate: str | None) -> None:
        """A fruit is decided: it goes to a gate, or past all of them."""
        row = self._rows.get(track.lane)
        if row is None:
            return
        fruit = Awaited(track, gate)
        row.fruit.append(fruit)
        if gate in self._exits:
            self._sent[fruit.track_id] = fruit

    def hear(self, event: GateEvent, belt: BeltEstimate) -> None:
        """What became of a pulse, or an exit sensor's edge, in the order of their instants."""
        if not self._exits:
            return
        if isinstance(event, Outcome):
            if fruit := self._sent.pop(event.pulse.track_id, None):
                fruit.fired = event.result == "fired"
        elif isinstance(event, Fall) and belt.known:
            self._fall(event, belt)

    def news(self, now_ns: int, belt: BeltEstimate) -> list[Told]:
        """What has shown by now."""
        if not self._exits:
            return []
        if now_ns >= self._next_ns:
            self._next_ns = now_ns + _EVERY_NS
            for row in self._rows.values():
                for exit_, fruit in row.settled(now_ns, belt):
                    self._settle(row, exit_, fruit, now_ns)
            for exit_ in self._exits.values():
                if exit_.broken_at_ns is not None and now_ns - exit_.broken_at_ns > _JAMMED_NS:
                    self._name(OUTLET_JAMMED, exit_.gate)
        news, self._news = self._news, []
        return news

    def out(self, gate: str, now_ns: int) -> bool:
        """Whether a gate is out of use."""
        return now_ns < self._out_until_ns.get(gate, 0)

    def _fall(self, fall: Fall, belt: BeltEstimate) -> None:
        exit_ = self._exits.get(fall.gate)
        if exit_ is None:
            return
        if fall.ended:
            exit_.broken_at_ns = None
            self._clear(OUTLET_JAMMED, exit_.gate)
            return
        exit_.broken_at_ns = fall.at_ns
        row = self._rows[exit_.lane]
        fruit = row.fall(exit_, fall.at_ns, belt)
        if fruit and fruit.gate == exit_.gate and fruit.fired:
            self._hold_to_neighbours(row, exit_, fruit)

    def _settle(self, row: Row, exit_: Exit, fruit: Awaited, now_ns: int) -> None:
        """A fruit has been at a gate: what does that say?"""
        fell = fruit.fell == exit_.gate
        if fruit.gate != exit_.gate or fruit.fired is False:
            exit_.passed.append(fell)
            if exit_.strays.take(fell):
                self._takes_others(exit_, now_ns)
        elif fruit.fired:
            exit_.caught.append(fell)
            if fell:
                self._took(row, exit_, fruit)
            else:
                self._missed(row, exit_, now_ns)

    def _took(self, row: Row, exit_: Exit, fruit: Awaited) -> None:
        row.missed.clear()
        exit_.misses.take(False)
        if exit_.seconds.take(fruit.second):
            self._name(GATE_BOUNCING, exit_.gate)
            exit_.reset()
        elif exit_.says(fruit) and not exit_.learned:
            exit_.learn(fruit)
        elif exit_.says(fruit) and exit_.late.take(fruit.late_um / exit_.sd_um(fruit.speed_um_s)):
            self._name(GATE_SLOW, exit_.gate)
            exit_.reset()
        if not fruit.second:
            self._well(exit_.gate)

    def _missed(self, row: Row, exit_: Exit, now_ns: int) -> None:
        self._well(exit_.gate, again=True)
        row.missed.append(exit_.gate)
        gates = Counter(row.missed)
        if len(row.missed) >= _RUN and len(row.missed) - max(gates.values()) >= _ELSEWHERE:
            row.missed.clear()
            for other in row.exits:
                other.reset()
            self._name(LANE_JAM, str(exit_.lane))
        elif exit_.misses.take(True):
            entry = GATE_SLOW if any(exit_.caught) else GATE_STUCK_CLOSED
            self._out_until_ns[exit_.gate] = now_ns + _OUT_NS
            self._name(entry, exit_.gate)
            exit_.reset()

    def _takes_others(self, exit_: Exit, now_ns: int) -> None:
        if len(exit_.passed) == RECENT and all(exit_.passed):
            self._name(GATE_STUCK_OPEN, exit_.gate)
        else:
            self._out_until_ns[exit_.gate] = now_ns + _OUT_NS
            self._name(GATE_SLOW, exit_.gate)
        exit_.reset()

    def _hold_to_neighbours(self, row: Row, exit_: Exit, fruit: Awaited) -> None:
        """Would this lane's falls fit the fruit ahead, or behind, better than the one that was sent there?"""
        n, sd_um = row.fruit.index(fruit), exit_.sd_um(fruit.speed_um_s)
        if not exit_.learned or not exit_.says(fruit) or not 0 < n < len(row.fruit) - 1:
            return
        for test, other in ((row.ahead, row.fruit[n - 1]), (row.behind, row.fruit[n + 1])):
            other_um = fruit.late_um + fruit.belt_um - other.belt_um
            if test.take(fruit.late_um / sd_um, other_um / sd_um):
                row.ahead.reset()
                row.behind.reset()
                self._name(QUEUE_SLIPPED, str(exit_.lane))

    def _name(self, entry: Entry, name: str) -> None:
        names = self._named.setdefault(entry.code, {})
        names[name] = 0
        self._say(entry.code)
        if entry.latch:  # the gates are held from here on, so nothing can show its end: somebody has to look
            self._clear(entry, name)

    def _clear(self, entry: Entry, name: str) -> None:
        if self._named.get(entry.code, {}).pop(name, None) is not None:
            self._say(entry.code)

    def _well(self, gate: str, again: bool = False) -> None:
        """A gate has done what it should, or has not."""
        for code, names in self._named.items():
            if gate in names:
                names[gate] = 0 if again else names[gate] + 1
                if names[gate] >= _GOOD:
                    self._clear(CATALOGUE[code], gate)

    def _say(self, code: str) -> None:
        names = self._named[code]
        key = "lanes" if code in (LANE_JAM.code, QUEUE_SLIPPED.code) else "gates"
        self._news.append(Told(code, bool(names), {key: ", ".join(sorted(names))} if names else {}))


REMEMBERED = (Confirmation, Awaited, Exit, Row, Share, Late, Shift)
"""The classes that its memory is made of."""
