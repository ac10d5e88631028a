"""The part that finds the gates: balls run, each is met by one gate's edge, and the exit sensor says whether it fell.

The edge is moved towards the instant at which every second ball is taken. Half of the balls run on the slow belt: see
`gatefit`.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import fsum
from statistics import stdev

from edge.belt import BeltHistory
from edge.calibrate.across import lanes_around
from edge.calibrate.balls import Balls, Passage
from edge.calibrate.changes import Changes, Value
from edge.calibrate.gatefit import GateFound, Trial
from edge.calibrate.session import Laid, MakePart
from edge.calibrate.tested import Opened, Tested
from edge.config import Profile
from edge.datapath import Fall, Frame, GateEvent, GatePulse, Outcome
from edge.detect.segment import Segmenter
from edge.errors import UsageFault
from edge.ports import GateLink

BALLS = 24
"""For each gate at each of the two speeds, at least."""

_SURE_MS, _MOST = 0.45, 4
"""Whose delays are not known to this (sd) gets as many balls again, up to so many times."""

_MS = 1_000_000
_HOLD_NS = 70 * _MS
_WAIT_NS = 250 * _MS
"""A fall is waited for so much longer than the profile's `exit_ms`; one that comes so much sooner is another's."""

_SOON_NS = 20 * _MS
_SPEEDS: tuple[Laid, ...] = ("balls", "balls on the slow belt")


class GatesPart:
    """Answers `session.Part`, for every gate with an exit sensor. `balls`: at each speed, for each gate."""

    plate = None

    def __init__(
        self, profile: Profile, gates: GateLink, belt: BeltHistory, utc: str, balls: int = BALLS, slow: bool = True
    ) -> None:
        """`slow`: the belt can be run slowly too. Raises UsageFault where no gate has an exit sensor."""
        self._profile = profile
        self._gates = gates
        self._belt = belt
        self._utc = utc
        self._wanted = balls
        self._speeds = _SPEEDS if slow else _SPEEDS[:1]
        self._round = 0
        self._unasked: list[Tested] | None = None
        self.done = False
        self._segmenter = Segmenter(profile.camera.mm_per_px)
        self._balls = Balls(profile.lane_of, profile.camera.view_mm, profile.belt.speed_mm_s)
        self._tested = {
            name: Tested(name, gate, balls) for name, gate in profile.gates.items() if gate.exit_pin is not None
        }
        self._across_mm: dict[int, list[float]] = {}
        self._numbered = 0
        if not self._tested:
            raise UsageFault(
                "gates: none has an exit_pin, so nobody would see what falls; fit one exit sensor at least"
            )

    @property
    def lays(self) -> Laid:
        return self._speeds[self._round % len(self._speeds)]

    @property
    def lacks(self) -> str:
        last = max(self._tested.values(), key=lambda tested: tested.left)
        return f"{last.left} balls for gate {last.name} on this belt (it has had {len(last.trials)} in all)"

    @property
    def found(self) -> Mapping[str, GateFound]:
        """Of every gate, once it is done."""
        return {name: tested.found() for name, tested in self._tested.items()}

    def see(self, frame: Frame, travel_um: int) -> None:
        for passage in self._balls.see(frame.exposed_at_ns, self._segmenter.detect(frame)):
            self._across_mm.setdefault(passage.lane, []).append(passage.y_mm)
            self._meet(passage, frame.exposed_at_ns)

    def hear(self, event: GateEvent) -> None:
        if isinstance(event, Outcome):
            tested = self._tested.get(event.pulse.gate)
            if tested and tested.open and tested.open.pulse.track_id == event.pulse.track_id:
                if event.opened_at_ns is None:
                    tested.open = None
                else:
                    tested.open.opened_at_ns = event.opened_at_ns
        elif isinstance(event, Fall) and not event.ended:
            tested = self._tested.get(event.gate)
            if tested and tested.open:
                fell_ms = (event.at_ns - tested.open.passes_ns) / _MS
                if abs(fell_ms - tested.gate.exit_ms) * _MS <= _WAIT_NS:
                    tested.exits_ms.append(fell_ms)
                    self._gone(tested.open.passage, tested.gate.x_mm)
                    self._end(tested, taken=True)

    def step(self, now_ns: int) -> None:
        for tested in self._tested.values():
            if tested.open and now_ns > tested.open.passes_ns + round(tested.gate.exit_ms * _MS) + _WAIT_NS:
                self._end(tested, taken=False)
        if not self.done and all(not tested.open and tested.left <= 0 for tested in self._tested.values()):
            self._go_on()

    def _go_on(self) -> None:
        """All gates have had their balls on this belt: the next one, or the end. One fit a step: each takes a while."""
        if (self._round + 1) % len(self._speeds) == 0:
            if self._unasked is None:
                self._unasked = list(self._tested.values())
            if self._unasked:
                tested = self._unasked.pop()
                found = tested.found()
                tested.sure = max(found.open_ms.sd, found.close_ms.sd) <= _SURE_MS
                return
            self._unasked = None
        unsure = [tested for tested in self._tested.values() if not tested.sure]
        if not unsure or self._round + 1 == _MOST * len(self._speeds):
            self.done = True
            return
        self._round += 1
        for tested in unsure:
            tested.begin(self._wanted)

    def changes(self) -> Changes:
        middles_mm = {lane: fsum(across) / len(across) for lane, across in self._across_mm.items()}
        changes = lanes_around(self._profile, middles_mm)
        for name, found in self.found.items():
            tested = self._tested[name]
            x_mm = tested.gate.x_mm + (found.off_mm.value if found.off_mm else 0.0)
            keys: dict[str, Value] = {
                "open_delay_ms": round(max(0.0, found.open_ms.value), 2),
                "close_delay_ms": round(max(0.0, found.close_ms.value), 2),
                "x_mm": round(x_mm, 2),
                "delay_sd_ms": round(found.spread_ms, 2),
            }
            if len(tested.exits_ms) > 1:
                keys["exit_ms"] = round(fsum(tested.exits_ms) / len(tested.exits_ms), 1)
                keys["exit_sd_ms"] = round(max(1.0, stdev(tested.exits_ms)), 1)
            changes["gates", name] = keys
            changes["calibration", "gates", name] = {
                "made_utc": self._utc,
                "balls": len(tested.trials),
                "speeds_mm_s": tuple(round(speed, 1) for speed in found.speeds_mm_s),
                **keys,
                "open_delay_sd_ms": round(found.open_ms.sd, 2),
                "close_delay_sd_ms": round(found.close_ms.sd, 2),
                "x_sd_mm": round(found.off_mm.sd if found.off_mm else 0.0, 2),
            }
        return changes

    def _meet(self, passage: Passage, now_ns: int) -> None:
        """Have the lane's gates meet a ball, as many as are free: what one lets pass, the next may take."""
        for tested in self._tested.values():
            if tested.gate.lane == passage.lane and not tested.open and tested.left > 0:
                self._try(tested, passage, now_ns)

    def _try(self, tested: Tested, passage: Passage, now_ns: int) -> None:
        opens = len(tested.trials) % 2 == 0
        passes_ns = passage.passes_ns(tested.gate.x_mm)
        edge_ns = passes_ns - round(tested.edges[opens].lag_ms * _MS)
        from_ns, to_ns = (edge_ns, edge_ns + _HOLD_NS) if opens else (edge_ns - _HOLD_NS, edge_ns)
        if from_ns < now_ns + _SOON_NS:
            return
        self._numbered += 1
        open_um, close_um = self._belt.um_at(from_ns), self._belt.um_at(to_ns)
        pulse = GatePulse(f"calibrate.{self._numbered}", tested.name, open_um, close_um, 0, 0)
        tested.open = Opened(passage, pulse, opens, passes_ns)
        self._gates.submit(pulse)

    def _gone(self, passage: Passage, x_mm: float) -> None:
        """A ball has fallen: it says nothing of the gates behind."""
        for tested in self._tested.values():
            if tested.open and tested.open.passage is passage and tested.gate.x_mm > x_mm:
                tested.open = None

    def _end(self, tested: Tested, taken: bool) -> None:
        trial, tested.open = tested.open, None
        if trial is None or trial.opened_at_ns is None:
            return
        edge_ns = trial.opened_at_ns if trial.opens else self._belt.at_ns(trial.pulse.close_um)
        if edge_ns is None:
            return
        passage = trial.passage
        lag_ms = (trial.passes_ns - edge_ns) / _MS
        sd_ms = passage.sd_ms(tested.gate.x_mm)
        tested.trials.append(Trial(trial.opens, lag_ms, sd_ms, passage.speed_mm_s, taken))
        tested.edges[trial.opens].tried(shorter=taken if trial.opens else not taken)


def gates_part(utc: str, balls: int = BALLS, slow: bool = True) -> MakePart:
    """Makes the part."""

    def make(profile: Profile, gates: GateLink, belt: BeltHistory) -> GatesPart:
        return GatesPart(profile, gates, belt, utc, balls, slow)

    return make
