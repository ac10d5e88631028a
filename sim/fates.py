"""What became of each fruit: the device's records joined with the truth, and one fate, the first that applies.

A track is joined to a fruit by lane and instant: its `belt_um` is turned into the instant at which the device believes
that its middle stood at x = 0, through the device's own belt samples; the world knows which fruit stood there then.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from edge.belt import BeltHistory
from edge.config import Profile
from edge.datapath import (
    BELT_END,
    UNKNOWN,
    BeltSample,
    GatePulse,
    Incident,
    Look,
    Outcome,
    Record,
    StepInputs,
    Track,
    Verdict,
)
from sim.conveyor import Item
from sim.world import Fall

Fate = Literal["held", "unseen", "collateral", "shed", "unsure", "late", "misdirected", "misgraded", "right"]
FATES: tuple[Fate, ...] = (
    "held",
    "unseen",
    "collateral",
    "shed",
    "unsure",
    "late",
    "misdirected",
    "misgraded",
    "right",
)

_INCIDENTS = 100
_ANEW_UM = 100_000
"""An encoder that falls back by so much counts anew: the device has started again."""

_BY_DECISION = frozenset({"unknown", "doubtful", "crowded", "lost"})


@dataclass(slots=True)
class Told:
    """All that the device said of one track. `origin_ns` is when it believes that the fruit's middle stood at x = 0;
    `decided_at_ns` when its verdict was out, and `slack_ns` the time left from there to its pulse's first edge."""

    track_id: str
    lane: int
    origin_ns: int
    verdict: Verdict | None = None
    pulse: GatePulse | None = None
    outcome: Outcome | None = None
    slack_ns: int | None = None
    decided_at_ns: int = 0


@dataclass(slots=True)
class RecordLog:
    """A RecordSink that keeps what the device said until it is claimed by a fruit. Tracks come before their verdicts
    and pulses, belt samples before tracks. One thread.

    `served_ns` is how long after its step's instant a record is heard, where the simulator draws that."""

    fired: int = 0
    late: int = 0
    refused: int = 0
    served_ns: int = 0
    told: dict[str, Told] = field(default_factory=dict)
    incidents: deque[Incident] = field(default_factory=lambda: deque(maxlen=_INCIDENTS))
    _belt: BeltHistory = field(default_factory=BeltHistory)

    def put(self, record: Record) -> None:
        """Take one record; the kinds that say nothing of a fruit's fate are passed over."""
        if isinstance(record, (StepInputs, Look)):  # most of all
            return
        if isinstance(record, BeltSample):
            self._sample(record)
        elif isinstance(record, Track):
            self._track(record)
        elif isinstance(record, Outcome):
            self._outcome(record)
        elif isinstance(record, Incident):
            self.incidents.append(record)
        elif isinstance(record, (Verdict, GatePulse)) and (told := self.told.get(record.track_id)):
            if isinstance(record, Verdict):
                told.verdict = record
                told.decided_at_ns = record.decided_at_ns + self.served_ns
            else:
                self._pulse(told, record)

    def claim(self, lane: int, origin_ns: int, within_ns: int) -> Told | None:
        """Take out the track of the fruit whose middle stood at x = 0 at `origin_ns`, give or take `within_ns`; of two,
        one with a verdict, then the nearest."""
        near = [t for t in self.told.values() if t.lane == lane and abs(t.origin_ns - origin_ns) <= within_ns]
        if not near:
            return None
        best = min(near, key=lambda t: (t.verdict is None, abs(t.origin_ns - origin_ns)))
        return self.told.pop(best.track_id)

    def take_strangers(self, before_ns: int) -> int:
        """Drop the tracks without a fruit: those from before an instant that none has claimed. Returns how many."""
        strangers = [t.track_id for t in self.told.values() if t.origin_ns < before_ns]
        for track_id in strangers:
            del self.told[track_id]
        return len(strangers)

    def _sample(self, sample: BeltSample) -> None:
        if self._belt.known and sample.belt_um < self._belt.um_at(sample.at_ns) - _ANEW_UM:
            self._belt = BeltHistory()
        self._belt.observe(sample)

    def _track(self, track: Track) -> None:
        at_ns = self._belt.at_ns(track.belt_um) if self._belt.known else None
        if at_ns is not None:
            self.told[track.track_id] = Told(track.track_id, track.lane, at_ns)

    def _pulse(self, told: Told, pulse: GatePulse) -> None:
        told.pulse = pulse
        opens_ns = self._belt.at_ns(pulse.open_um)
        if opens_ns is not None and told.verdict is not None:
            told.slack_ns = opens_ns - pulse.open_lead_ns - told.decided_at_ns

    def _outcome(self, outcome: Outcome) -> None:
        setattr(self, outcome.result, getattr(self, outcome.result) + 1)
        if told := self.told.get(outcome.pulse.track_id):
            told.outcome = outcome


def fate_of(fall: Fall, told: Told | None, held: bool) -> Fate:
    """A fruit's one fate. `held`: the machine was in the safe state when the fruit passed its gate. Pure."""
    at_end = fall.outlet == BELT_END
    if held and at_end:
        return "held"
    if told is None:
        return "unseen"
    own = told.outcome is not None and told.outcome.result == "fired" and told.outcome.pulse.gate == fall.gate
    if not at_end and not own:
        return "collateral"
    verdict, result = told.verdict, told.outcome.result if told.outcome else None
    if verdict is None or verdict.reason in ("shed", "gateless") or result == "refused":
        return "shed"
    if verdict.reason in _BY_DECISION:
        return "right" if fall.item.label == UNKNOWN else "unsure"
    if result == "late":
        return "late"
    return _aimed(fall, verdict, result is None)


def _aimed(fall: Fall, verdict: Verdict, without_pulse: bool) -> Fate:
    """The fate of a fruit whose pulse was fired, or that was routed to the belt's end."""
    if verdict.outlet != BELT_END and without_pulse:
        return "shed"  # nothing was heard of its pulse: the gate process died with it
    if fall.outlet != verdict.outlet:
        return "misdirected"
    if verdict.reason == "audited":  # sorted by nobody, as one in doubt: a person finds out what it is
        return "right" if fall.item.label == UNKNOWN else "unsure"
    return "right" if verdict.label == fall.item.label else "misgraded"


def own_gate_mm(item: Item, told: Told | None, profile: Profile) -> float:
    """Where a fruit's gate is: that of its verdict, else that of its true grade, else the last of its lane."""
    outlets = [told.verdict.outlet] if told and told.verdict else []
    for outlet in (*outlets, profile.outlet_of(item.label)):
        if name := profile.gate_for(item.lane, outlet):
            return profile.gates[name].x_mm
    return max((gate.x_mm for gate in profile.gates.values() if gate.lane == item.lane), default=0.0)
