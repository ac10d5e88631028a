"""The machine as an edge node of Sparkplug B: birth, data, death, rebirth, and what was measured while nobody heard.

Sparkplug 3.0: NBIRTH (seq 0) after each connect, NDATA with what has changed, NDEATH as the last will, tied to its
birth by bdSeq. It has a connection of its own: a client has one last will, and that of the first is taken.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from typing import Literal

from edge.clock import utc_text
from edge.config import Profile
from edge.datapath import Health, Incident, Record, StepInputs
from edge.incidents import CATALOGUE
from edge.telemetry.messages import Message
from edge.telemetry.sparkplug_wire import Datatype, Malformed, Metric, Value, booleans, encode

Kind = Literal["NBIRTH", "NDATA", "NDEATH", "NCMD"]
REBIRTH = "Node Control/Rebirth"
BUNDLE = "Properties/Bundle"
BACKLOG = 3_600
"""Samples kept for a broker that is away: an hour at one a second. The oldest go first, and are counted."""
PER_STEP = 20
"""Old samples sent at once, so that a backlog does not delay what is new."""

FIGURES: Mapping[str, tuple[str, Datatype]] = {
    "Line/State": ("state", "String"),
    "Line/Frames": ("frames", "UInt64"),
    "Line/Frames Dropped": ("frames_dropped", "UInt64"),
    "Line/Fruit Followed": ("tracks", "UInt64"),
    "Line/Fruit Decided": ("verdicts", "UInt64"),
    "Line/Fruit Shed": ("shed", "UInt64"),
    "Line/Feed Inhibit": ("feed_inhibit", "Boolean"),
    "Line/Speed Allowed mm_s": ("speed_allowed_mm_s", "Double"),
    "Line/Fruit Allowed per s": ("fruit_per_s_allowed", "Double"),
    "Pulses/Fired": ("fired", "UInt64"),
    "Pulses/Late": ("late", "UInt64"),
    "Pulses/Refused": ("refused", "UInt64"),
    "Times/Step p99 ms": ("step_p99_ms", "Double"),
    "Times/Gate Late p99 ms": ("gate_late_p99_ms", "Double"),
    "Computer/Throttled": ("throttled", "Boolean"),
}
"""Metric to the field of Health that it tells."""


@dataclass(frozen=True, slots=True)
class _Sample:
    at_ms: int
    changed: Mapping[str, Value]


class Node:
    """One run's. `put` from the thread that makes the records, the rest from the one that speaks to the broker."""

    def __init__(self, profile: Profile, bundle: str, utc: Callable[[], str] = utc_text) -> None:
        self.root = f"spBv1.0/{profile.site}"
        self._name = profile.machine
        self._utc = utc
        self._types: dict[str, Datatype] = {name: datatype for name, (_, datatype) in FIGURES.items()}
        self._types |= dict.fromkeys((f"Alarms/{code}" for code in CATALOGUE), "Boolean")
        self._types |= {"Dropped Samples": "UInt64", BUNDLE: "String"}
        self._newest: dict[str, Value] = {name: None for name in self._types}
        self._newest |= dict.fromkeys((f"Alarms/{code}" for code in CATALOGUE), False)
        self._newest[BUNDLE] = bundle
        self._about = {"Properties/Software": version("sorter"), "Properties/Profile": profile.digest}
        self._samples: deque[_Sample] = deque(maxlen=BACKLOG)
        self._dropped = 0
        self._told: dict[str, Value] = {}
        self._bd_seq = -1
        self._seq = 0
        self._rebirth = False

    def put(self, record: Record) -> None:
        """Answers RecordSink: what has changed waits for `due`."""
        if isinstance(record, Health):
            self._note({name: getattr(record, field) for name, (field, _) in FIGURES.items()})
        elif isinstance(record, Incident):
            self._note({f"Alarms/{record.code}": record.state == "raised"})
        elif isinstance(record, StepInputs) and record.adopted:
            self._note({BUNDLE: record.adopted.bundle})

    def death(self) -> Message:
        """The last will of the next connection, and its goodbye: asked for once before each birth."""
        self._bd_seq = (self._bd_seq + 1) % 256
        return self._say("NDEATH", [self._bd()], None)

    def goodbye(self) -> Message:
        """The same death, said by the node itself."""
        return self._say("NDEATH", [self._bd()], None)

    def birth(self) -> Message:
        """Every metric with its type and newest value. From here on `due` tells the changes."""
        now_ms = self._now_ms()
        self._seq, self._rebirth = 0, False
        newest = dict(self._newest) | {"Dropped Samples": self._dropped}
        self._told = dict(newest)
        metrics = [self._bd(), Metric(REBIRTH, "Boolean", False, now_ms)]
        metrics += [Metric(name, "String", text, now_ms) for name, text in self._about.items()]
        metrics += [Metric(name, self._types[name], newest[name], now_ms) for name in self._types]
        return self._say("NBIRTH", metrics, 0)

    def due(self, born_ms: int) -> list[Message]:
        """What waits to be told; samples from before the birth (`born_ms`) are historical, and come a few at a time."""
        said: list[Message] = []
        while self._samples and len(said) < PER_STEP:
            sample = self._samples.popleft()
            is_old = sample.at_ms < born_ms
            news = sample.changed if is_old else self._news(sample.changed)
            if news:
                metrics = [Metric(name, self._types[name], v, sample.at_ms, is_old) for name, v in news.items()]
                self._seq = (self._seq + 1) % 256
                said.append(self._say("NDATA", metrics, self._seq))
        return said

    def hear(self, topic: str, payload: bytes) -> None:
        """A command to the node. Only a rebirth is heeded, whatever else is asked."""
        if topic != self.topic("NCMD") or len(payload) > 4_096:
            return
        try:
            self._rebirth |= booleans(payload).get(REBIRTH, False)
        except Malformed:
            return

    def wants_birth(self) -> bool:
        """Whether a rebirth was asked for since the last birth."""
        return self._rebirth

    def topic(self, kind: Kind) -> str:
        return f"{self.root}/{kind}/{self._name}"

    def now_ms(self) -> int:
        """Milliseconds since 1970, by the wall clock."""
        return self._now_ms()

    def _note(self, figures: Mapping[str, Value]) -> None:
        changed = {name: value for name, value in figures.items() if self._newest[name] != value}
        self._newest |= changed
        if changed:
            self._dropped += len(self._samples) == BACKLOG
            self._samples.append(_Sample(self._now_ms(), changed))

    def _news(self, changed: Mapping[str, Value]) -> dict[str, Value]:
        news = {name: value for name, value in changed.items() if self._told.get(name) != value}
        self._told |= news
        return news

    def _bd(self) -> Metric:
        return Metric("bdSeq", "UInt64", self._bd_seq, self._now_ms())

    def _say(self, kind: Kind, metrics: list[Metric], seq: int | None) -> Message:
        return Message("metrics", self.topic(kind), encode(metrics, self._now_ms(), seq), retain=False)

    def _now_ms(self) -> int:
        return round(datetime.fromisoformat(self._utc()).timestamp() * 1000)
