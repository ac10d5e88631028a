"""From records to messages: one `tracks` message a fruit, one `metrics` message a Health."""

import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, Literal, Protocol

from edge.datapath import BELT_END, LABELS, Health, Incident, Outcome, Record, Track, Verdict
from edge.incidents import CATALOGUE
from edge.incidents_machine import SAFE_STATE
from edge.telemetry.header import HeaderFields, OpenAlarm
from edge.telemetry.host import Host
from edge.telemetry.incident_messages import MOST_PAST, Alarm, Incidents, PastAlarm
from edge.telemetry.messages import Message, Metrics, TrackMessage, Writer
from edge.wishes import Wishes

PENDING = 512
"""Fruit between verdict and gate at once: 16 lanes of 15 fruit/s, 2 s of belt."""

_TOLD = tuple(field.name for field in fields(PastAlarm))
_COUNTED = tuple({field.name for field in fields(Metrics)} & {field.name for field in fields(Health)})


class Outbox(Protocol):
    """Where messages go: `edge.telemetry.outbox`."""

    def put(self, message: Message, settles: str | None = None) -> None: ...

    def draft(self, write: Callable[[], Message], key: str) -> None: ...


class Reporter:
    """A RecordSink for one run. All methods but `acknowledge` belong to the thread that makes the records."""

    def __init__(
        self,
        writer: Writer,
        outbox: Outbox,
        wishes: Wishes | None = None,
        host: Callable[[], Host | None] = lambda: None,
    ) -> None:
        """`wishes` and `host` are told of with every metrics."""
        self._wishes = wishes or Wishes()
        self._host = host
        self._writer = writer
        self._outbox = outbox
        self._tracks: OrderedDict[str, Track] = OrderedDict()
        self._pending: OrderedDict[str, Verdict] = OrderedDict()
        self._safe = False
        self._open: dict[str, OpenAlarm] = {}
        self._past: deque[PastAlarm] = deque(maxlen=MOST_PAST)
        self._is_recalled = True
        self._lock = threading.Lock()
        self._tells: dict[type, Callable[[Any], None]] = {
            Track: self._follow,
            Verdict: self._decided,
            Outcome: self._came,
            Health: self._measure,
            Incident: self._warn,
        }
        """By kind of record. Most records are of none of these."""

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        if tell := self._tells.get(type(record)):
            tell(record)

    def close(self) -> None:
        """The run ends: tell of the fruit that still wait for their outcome."""
        while self._pending:
            self._tell(self._pending.popitem(last=False)[1], None)
        self._recall()

    def _follow(self, track: Track) -> None:
        self._tracks[track.track_id] = track
        if len(self._tracks) > PENDING:
            self._tracks.popitem(last=False)

    def _came(self, outcome: Outcome) -> None:
        if verdict := self._pending.pop(outcome.pulse.track_id, None):
            self._tell(verdict, outcome)

    def _decided(self, verdict: Verdict) -> None:
        if verdict.outlet == BELT_END:
            self._tell(verdict, None)
            return
        self._pending[verdict.track_id] = verdict
        # A fruit is told of once, when all is known of it. Until then its verdict must outlive this process.
        self._outbox.draft(lambda: self._message(verdict, None, self._writer.aside()), verdict.track_id)
        if len(self._pending) > PENDING:
            self._tell(self._pending.popitem(last=False)[1], None)

    def _tell(self, verdict: Verdict, outcome: Outcome | None) -> None:
        self._outbox.put(self._message(verdict, outcome, self._writer.header()), settles=verdict.track_id)
        self._tracks.pop(verdict.track_id, None)

    def _message(self, verdict: Verdict, outcome: Outcome | None, header: HeaderFields) -> Message:
        track = self._tracks.get(verdict.track_id)
        return self._writer.encode(
            TrackMessage(
                **header,
                track_id=verdict.track_id,
                lane=track.lane if track else None,
                length_mm=round(track.length_mm, 1) if track else None,
                looks=len(track.looks) if track else None,
                label=verdict.label,
                confidence=round(verdict.confidence, 4),
                unknown_score=round(verdict.unknown_score, 4),
                scores={label: round(p, 4) for label, p in zip(LABELS, verdict.scores, strict=False)},
                outlet=verdict.outlet,
                reason=verdict.reason,
                gate=outcome.pulse.gate if outcome else None,
                result=outcome.result if outcome else None,
                late_ms=round(outcome.late_ns / 1e6, 3) if outcome else None,
                bundle=verdict.bundle,
                profile=verdict.profile,
            )
        )

    def _measure(self, health: Health) -> None:
        counted = {name: getattr(health, name) for name in _COUNTED}
        said = Metrics(
            **self._writer.header(),
            **counted,
            alarms=tuple(self._open.values()),
            feed_stopped=self._wishes.feed_stopped,
            host=self._host(),
        )
        self._outbox.put(self._writer.encode(said))
        safe = health.state == "safe"
        if safe != self._safe:
            self._safe = safe
            self._alarm(SAFE_STATE.code, "raised" if safe else "cleared", SAFE_STATE.severity, SAFE_STATE.say({}))
        self._recall()

    def _recall(self) -> None:
        """What has been, where there was another alarm since it was last said."""
        with self._lock:
            if self._is_recalled:
                return
            self._is_recalled, past = True, tuple(self._past)
        self._outbox.put(self._writer.encode(Incidents(**self._writer.header(), past=past)))

    def _warn(self, record: Incident) -> None:
        entry = CATALOGUE[record.code]
        self._alarm(entry.code, record.state, entry.severity, entry.say(record.figures))

    def _alarm(
        self, name: str, state: Literal["raised", "cleared"], severity: Literal["warning", "error"], text: str
    ) -> None:
        alarm = Alarm(**self._writer.header(), name=name, state=state, severity=severity, text=text)
        self._outbox.put(self._writer.encode(alarm))
        self._remember(alarm)
        with self._lock:
            if state == "raised":
                self._open[name] = OpenAlarm(name=name, severity=severity, text=text, since_utc=alarm.ts_utc)
            else:
                self._open.pop(name, None)

    def acknowledge(self, name: str, user: str) -> OpenAlarm | None:
        """Somebody has seen an alarm; returns it, or None where it is not raised. Any thread."""
        with self._lock:
            if (seen := self._open.get(name)) is None:
                return None
            seen = self._open[name] = replace(seen, acknowledged_by=user)
        said = Alarm(
            **self._writer.header(), name=name, state="acknowledged", severity=seen.severity, text=seen.text, by=user
        )
        self._outbox.put(self._writer.encode(said))
        self._remember(said)
        return seen

    def _remember(self, said: Alarm) -> None:
        told = {name: getattr(said, name) for name in _TOLD}
        with self._lock:
            self._past.append(PastAlarm(**told))
            self._is_recalled = False
