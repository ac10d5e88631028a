"""The wire contract: every message that a machine sends, its topic, and its JSON Schema.

`docs/asyncapi.yaml` describes the topics; `python -m edge.telemetry.schemas docs/schemas` writes the schemas. A field
is added freely; one that goes or changes its meaning is a new schema number.
"""

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from edge.clock import utc_text
from edge.config import Profile
from edge.datapath import LABELS, LineState, OutcomeResult, Reason
from edge.telemetry.command_messages import LabelEvent, Result
from edge.telemetry.header import Count, Header, HeaderFields, Share, Time
from edge.telemetry.preview_messages import Layout, Preview, layout

Kind = Literal["status", "info", "alarm", "metrics", "track", "preview", "result", "label"]
"""What a message is worth when not all can be kept: `edge.telemetry.outbox` decides by it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready for a broker. `payload` is UTF-8 JSON."""

    kind: Kind
    topic: str
    payload: bytes
    retain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Header):
    """Whether the machine is there. `offline` is the last will: the broker says it, with seq 0 and the ts_utc of the
    connection that it lost. `stopped` is said on purpose."""

    schema: Literal["sorter.status/1"] = "sorter.status/1"
    state: Literal["online", "stopped", "offline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Info(Header):
    """What the machine is and what it runs. `gates` maps each gate to the outlet that it opens, `self_test` is what the
    start-up measured and allows (null where there was none), `layout` is what a picture of the line is drawn from."""

    schema: Literal["sorter.info/1"] = "sorter.info/1"
    software: str
    bundle: str
    profile: str
    labels: tuple[str, ...]
    lanes: Count
    gates: dict[str, str]
    self_test: dict[str, float | None] | None
    layout: Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """An alarm that is raised now, since `since_utc`."""

    name: str
    severity: Literal["warning", "error"]
    text: str
    since_utc: Time
    acknowledged_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics(Header):
    """The running line: counters since the run began, and the times of the last window in milliseconds. What the
    machine may be given now (belt speed, fruit in all lanes together) is less where the computer is `throttled`, and
    null where there was no self-test. `shed` fruit went to the belt's end for want of time; while `feed_inhibit` is
    true, upstream is asked for less. `alarms` are those that are raised now."""

    schema: Literal["sorter.metrics/1"] = "sorter.metrics/1"
    state: LineState
    frames: Count
    frames_dropped: Count
    tracks: Count
    verdicts: Count
    fired: Count
    late: Count
    refused: Count
    step_p50_ms: float
    step_p99_ms: float
    inference_p50_ms: float
    gate_late_p99_ms: float
    queued_messages: Count
    shed_messages: Count
    throttled: bool
    speed_allowed_mm_s: float | None
    fruit_per_s_allowed: float | None
    shed: Count = 0
    feed_inhibit: bool = False
    alarms: tuple[OpenAlarm, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackMessage(Header):
    """One fruit, once all is known of it. `result` is what became of its pulse, null where none was planned (sent to
    the belt's end) or nothing was heard of it; `late_ms` is how far behind its instant the gate was told."""

    schema: Literal["sorter.track/1"] = "sorter.track/1"
    track_id: str
    lane: Count | None
    length_mm: float | None
    looks: Count | None
    label: str
    confidence: Share
    unknown_score: Share
    scores: dict[str, Share]
    outlet: str
    reason: Reason
    gate: str | None
    result: OutcomeResult | None
    late_ms: float | None
    bundle: str
    profile: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm(Header):
    """What a person should know: said once when it is raised and once when it has cleared. A new run_id clears all."""

    schema: Literal["sorter.alarm/1"] = "sorter.alarm/1"
    name: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    state: Literal["raised", "acknowledged", "cleared"]
    severity: Literal["warning", "error"]
    text: str
    by: str | None = None


SCHEMAS: Mapping[str, type[Header]] = {
    "status": Status,
    "info": Info,
    "metrics": Metrics,
    "track": TrackMessage,
    "alarm": Alarm,
    "preview": Preview,
    "result": Result,
    "label": LabelEvent,
}
"""By the name of the schema's file."""

ROADS: Mapping[type[Header], tuple[Kind, str, bool]] = {
    Status: ("status", "status", True),
    Info: ("info", "info", True),
    Metrics: ("metrics", "metrics", False),
    TrackMessage: ("track", "tracks", False),
    Alarm: ("alarm", "alarm/{}", False),
    Preview: ("preview", "preview", False),
    Result: ("result", "cmd/{}/{}/result", False),
    LabelEvent: ("label", "labels", False),
}
"""Kind, topic under the machine's own, and whether the broker keeps the last one for whoever comes later."""

ADAPTERS: Mapping[type[Header], TypeAdapter[Any]] = {shape: TypeAdapter(shape) for shape in SCHEMAS.values()}


class Writer:
    """Stamps and encodes the messages of one run of one machine. Any thread."""

    def __init__(self, site: str, machine: str, run_id: str, utc: Callable[[], str] = utc_text) -> None:
        self.root = f"sorter/v1/{site}/{machine}"
        self._run_id = run_id
        self._utc = utc
        self._seq = itertools.count(1)

    def header(self) -> HeaderFields:
        """The next message's own header: each is used for one message."""
        return {"ts_utc": self._utc(), "run_id": self._run_id, "seq": next(self._seq)}

    def encode(self, said: Header) -> Message:
        kind, topic, retain = ROADS[type(said)]
        if isinstance(said, Alarm):
            topic = topic.format(said.name)
        elif isinstance(said, Result):
            topic = topic.format(said.user, said.name)
        payload = ADAPTERS[type(said)].dump_json(said)
        return Message(kind=kind, topic=f"{self.root}/{topic}", payload=payload, retain=retain)

    def aside(self) -> HeaderFields:
        """The header of what may be lost without loss: seq 0, so that it leaves no gap."""
        return {"ts_utc": self._utc(), "run_id": self._run_id, "seq": 0}

    def status(self, state: Literal["online", "stopped"]) -> Message:
        return self.encode(Status(**self.header(), state=state))

    def info(self, profile: Profile, bundle: str, self_test: dict[str, float | None] | None = None) -> Message:
        """`bundle` is the `name@digest` that grades now."""
        return self.encode(
            Info(
                **self.header(),
                software=version("sorter"),
                bundle=bundle,
                profile=profile.digest,
                labels=LABELS,
                lanes=len(profile.lanes),
                gates={name: gate.outlet for name, gate in profile.gates.items()},
                self_test=self_test,
                layout=layout(profile),
            )
        )

    def last_will(self) -> Message:
        """What the broker is to say when it has lost the machine."""
        return self.encode(Status(**self.aside(), state="offline"))
