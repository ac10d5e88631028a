"""Pulse to pin edge: every pulse waits in belt travel and is fired by its deadline, once, or refused.

A step in virtual time: it reads no clock. Instants are worked out anew from the belt's newest sample at each step, so
a belt that slows down takes its pulses along. A gate keeps shut for its shortest off-time. Single-threaded.
"""

from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from operator import attrgetter

from edge.belt import BeltEstimate
from edge.datapath import GateClosed, GatePulse, Outcome, OutcomeResult
from edge.ports import GatePins
from edge.sort.wire import GateSettings

NEVER_NS = 2**63 - 1
"""A wake that never comes."""

_open_um = attrgetter("open_um")


@dataclass(slots=True)
class _OpenGate:
    opened_at_ns: int
    closed_by_ns: int
    pulses: list[GatePulse] = field(default_factory=list)


class Scheduler:
    """Owns which gates are open. Each pulse that is submitted gets exactly one Outcome through `say`, and where it was
    fired, one GateClosed names it."""

    def __init__(
        self, settings: GateSettings, pins: GatePins, belt: BeltEstimate, say: Callable[[Outcome | GateClosed], object]
    ) -> None:
        self._longest_on_ns = {gate.name: gate.longest_on_ns for gate in settings.gates}
        self._shortest_off_ns = {gate.name: gate.shortest_off_ns for gate in settings.gates}
        self._late_um = settings.late_um
        self._queue = settings.queue
        self._pins = pins
        self._belt = belt
        self._say = say
        self._waiting: list[GatePulse] = []
        """In the order of the places at which they open: what a step asks of them ends at the first that is far off."""
        self._longest_lead_ns = 0
        self._open: dict[str, _OpenGate] = {}
        self._rested_at_ns = dict.fromkeys(self._longest_on_ns, 0)
        """When each gate may open again."""

    def submit(self, pulse: GatePulse, now_ns: int) -> None:
        """Take a pulse, or refuse it: `late` when it is too far behind, `refused` when its gate is unknown, it ends
        before it begins, the queue is full or the belt's travel is not known yet."""
        unfit = pulse.gate not in self._longest_on_ns or pulse.close_um <= pulse.open_um
        if unfit or not self._belt.known or len(self._waiting) >= self._queue:
            self.refuse(pulse, now_ns)
        elif self._is_late(pulse, now_ns):
            self._tell(pulse, "late", None, now_ns)
        else:
            insort(self._waiting, pulse, key=_open_um)
            self._longest_lead_ns = max(self._longest_lead_ns, pulse.open_lead_ns)

    def step(self, now_ns: int) -> int:
        """Command every edge that is due. Returns the instant of the next one, or NEVER_NS."""
        for gate, held in tuple(self._open.items()):
            if held.closed_by_ns <= now_ns:
                self._close(gate)
        for pulse in self._take_due(now_ns):
            self._fire(pulse, now_ns)
        next_ns = NEVER_NS
        for gate in tuple(self._open):
            closes_ns = self._close_at_ns(gate)
            if closes_ns <= now_ns:
                self._close(gate)
            else:
                next_ns = min(next_ns, closes_ns)
        return min(self._next_due_ns(), next_ns)

    def refuse(self, pulse: GatePulse, now_ns: int) -> None:
        """Say of a pulse that was never taken that it is refused."""
        self._tell(pulse, "refused", None, now_ns)

    def forget(self, now_ns: int) -> None:
        """After every line was released: refuse what waits. Gates that were open are not closed again."""
        waiting, self._waiting = self._waiting, []
        shut, self._open = self._open, {}
        for gate, held in shut.items():
            self._rested(gate, held, now_ns)
        for pulse in waiting:
            self.refuse(pulse, now_ns)

    def _take_due(self, now_ns: int) -> list[GatePulse]:
        """Due pulses, the earliest deadline first. They leave the queue here, so none is ever fired twice."""
        due: list[GatePulse] = []
        for pulse in self._waiting:
            there_ns = self._belt.at_ns(pulse.open_um)
            if there_ns is None or there_ns - self._longest_lead_ns > now_ns:
                break
            if self._due_at_ns(pulse, there_ns) <= now_ns:
                due.append(pulse)
        for pulse in due:
            self._waiting.remove(pulse)
        return sorted(due, key=self._open_at_ns) if len(due) > 1 else due

    def _next_due_ns(self) -> int:
        """The first deadline of all that wait."""
        soonest_ns = NEVER_NS
        for pulse in self._waiting:
            there_ns = self._belt.at_ns(pulse.open_um)
            if there_ns is None or there_ns - self._longest_lead_ns >= soonest_ns:
                break
            soonest_ns = min(soonest_ns, self._due_at_ns(pulse, there_ns))
        return soonest_ns

    def _fire(self, pulse: GatePulse, now_ns: int) -> None:
        close_at_ns = self._end_ns(pulse)
        if self._is_late(pulse, now_ns) or close_at_ns <= now_ns:
            self._tell(pulse, "late", None, now_ns)
            return
        held = self._open.get(pulse.gate)
        if held is None:
            at_ns = self._pins.command(pulse.gate, True)
            held = self._open[pulse.gate] = _OpenGate(at_ns, at_ns + self._longest_on_ns[pulse.gate])
        # Else the gate is open already: the pulses share the edge, and the gate stays open until the last close.
        held.pulses.append(pulse)
        self._tell(pulse, "fired", held.opened_at_ns, held.opened_at_ns)

    def _close(self, gate: str) -> None:
        held = self._open.pop(gate)
        self._rested(gate, held, self._pins.command(gate, False))

    def _rested(self, gate: str, held: _OpenGate, at_ns: int) -> None:
        self._rested_at_ns[gate] = at_ns + self._shortest_off_ns[gate]
        self._say(GateClosed(gate, at_ns, tuple(pulse.track_id for pulse in held.pulses)))

    def _is_late(self, pulse: GatePulse, now_ns: int) -> bool:
        return self._belt.um_at(now_ns + pulse.open_lead_ns) - pulse.open_um > self._late_um

    def _open_at_ns(self, pulse: GatePulse) -> int:
        return self._instant(pulse.open_um, pulse.open_lead_ns)

    def _due_at_ns(self, pulse: GatePulse, there_ns: int) -> int:
        """Its deadline, where the belt reads its `open_um` at `there_ns`; where its gate was shut too short a time ago,
        when that may open again."""
        at_ns = there_ns - pulse.open_lead_ns
        return at_ns if pulse.gate in self._open else max(at_ns, self._rested_at_ns.get(pulse.gate, 0))

    def _close_at_ns(self, gate: str) -> int:
        """When the last of its pulses ends. One that follows within the gate's shortest off-time is one with them, if
        it ends within the longest on-time; else the gate is shut between them, and the follower has to wait."""
        held, off_ns = self._open[gate], self._shortest_off_ns[gate]
        last_ns = max([self._end_ns(pulse) for pulse in held.pulses])
        if off_ns:
            for pulse in sorted((p for p in self._waiting if p.gate == gate), key=self._open_at_ns):
                end_ns = self._end_ns(pulse)
                if self._open_at_ns(pulse) < last_ns + off_ns and end_ns <= held.closed_by_ns:
                    last_ns = max(last_ns, end_ns)
        return min(held.closed_by_ns, last_ns)

    def _end_ns(self, pulse: GatePulse) -> int:
        return self._instant(pulse.close_um, pulse.close_lead_ns)

    def _instant(self, belt_um: int, lead_ns: int) -> int:
        at_ns = self._belt.at_ns(belt_um)
        return NEVER_NS if at_ns is None else at_ns - lead_ns

    def _tell(self, pulse: GatePulse, result: OutcomeResult, opened_at_ns: int | None, at_ns: int) -> None:
        behind_ns = at_ns - self._open_at_ns(pulse) if self._belt.known else 0
        self._say(Outcome(pulse, result, opened_at_ns, late_ns=max(0, behind_ns)))
