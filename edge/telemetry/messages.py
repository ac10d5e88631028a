"""The wire contract: every message that a machine sends, its topic, and its JSON Schema.

`docs/asyncapi.yaml` describes the topics; `python -m edge.telemetry.schemas docs/schemas` writes the schemas. A field
is added freely; one that goes or changes its meaning is a new schema number.
"""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any, Literal

from pydantic import TypeAdapter

from edge.clock import utc_text
from edge.config import Profile
from edge.datapath import LABELS, LineState, OutcomeResult, Reason
from edge.indicators import targets
from edge.telemetry.command_messages import LabelEvent, Result
from edge.telemetry.header import Count, Header, HeaderFields, OpenAlarm, Share
from edge.telemetry.host import Host
from edge.telemetry.incident_messages import Alarm, Incidents
from edge.telemetry.losses import LossReason, Lost
from edge.telemetry.preview_messages import Layout, Preview, layout
from edge.telemetry.quality_messages import Quality
from edge.telemetry.review_messages import PicturesPart, Review
from edge.telemetry.update_messages import Update

Passing = Literal["preview", "review", "pictures"]
Kind = (
    Literal["status", "info", "alarm", "metrics", "track", "gap", "result", "label", "update", "incidents", "quality"]
    | Passing
)
"""What a message is worth when not all can be kept: `edge.telemetry.outbox` decides by it."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready for a broker. `payload` is UTF-8 JSON; `run_id` and `seq` are those of its header."""

    kind: Kind
    topic: str
    payload: bytes
    retain: bool
    run_id: str = ""
    seq: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Status(Header):
    """Whether the machine is there. `offline` is the last will: the broker says it, with seq 0 and the ts_utc of the
    connection that it lost. `stopped` is said on purpose."""

    schema: Literal["sorter.status/1"] = "sorter.status/1"
    state: Literal["online", "stopped", "offline"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Info(Header):
    """What the machine is and runs. `gates` maps each gate to the outlet it opens, `self_test` is what the start-up
    measured and allows (null where there was none), `layout` is what a picture of the line is drawn from, `agreed` the
    share that is to be good, by what indicators.toml counts."""

    schema: Literal["sorter.info/1"] = "sorter.info/1"
    software: str
    bundle: str
    profile: str
    labels: tuple[str, ...]
    lanes: Count
    gates: dict[str, str]
    self_test: dict[str, float | None] | None
    layout: Layout
    agreed: dict[str, Share] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metrics(Header):
    """The running line: counters since the run began, and the times of the last window in milliseconds. What the
    machine may be given now (belt speed, fruit in all lanes together) is less where the computer is `throttled`, and
    null where there was no self-test. `shed` fruit went to the belt's end for want of time; while `feed_inhibit` is
    true, upstream is asked for less. `unpictured` fruit were drawn for the audit and have no pictures to judge them by.
    `alarms` are those that are raised now. While `feed_stopped` is true, somebody has asked for none."""

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
    unpictured: Count = 0
    alarms: tuple[OpenAlarm, ...] = ()
    feed_stopped: bool = False
    host: Host | None = None


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
class Gap(Header):
    """Messages of `of_run` that nobody will get: `messages` of those from `from_seq` to `to_seq`, of which others may
    have arrived. Null is what cannot be known: after a power cut all is lost that has not come from `from_seq` on,
    after a corrupt file (`of_run` null) anything that was in it. `evicted`: for want of room; `expired`: too old;
    `unwritable`: the disk took nothing and memory was full; `killed`: the run was, before it could note them (they may
    have arrived); `connection`: it broke around a status and an info, said again. `total`: all that this run knows."""

    schema: Literal["sorter.gap/1"] = "sorter.gap/1"
    of_run: str | None
    reason: LossReason
    from_seq: Count | None
    to_seq: Count | None
    messages: Count | None
    total: Count


SCHEMAS: Mapping[str, type[Header]] = {
    "status": Status,
    "info": Info,
    "metrics": Metrics,
    "track": TrackMessage,
    "alarm": Alarm,
    "gap": Gap,
    "preview": Preview,
    "result": Result,
    "label": LabelEvent,
    "update": Update,
    "incidents": Incidents,
    "quality": Quality,
    "review": Review,
    "pictures": PicturesPart,
}
"""By the name of the schema's file."""

ROADS: Mapping[type[Header], tuple[Kind, str, bool]] = {
    Status: ("status", "status", True),
    Info: ("info", "info", True),
    Metrics: ("metrics", "metrics", False),
    TrackMessage: ("track", "tracks", False),
    Alarm: ("alarm", "alarm/{}", False),
    Gap: ("gap", "gap", True),
    Preview: ("preview", "preview", False),
    Result: ("result", "cmd/{}/{}/result", False),
    LabelEvent: ("label", "labels", False),
    Update: ("update", "update", True),
    Incidents: ("incidents", "incidents", True),
    Quality: ("quality", "quality", True),
    Review: ("review", "review", False),
    PicturesPart: ("pictures", "pictures", False),
}
"""Kind, topic under the machine's own, and whether the broker keeps the last one for whoever comes later."""

ADAPTERS: Mapping[type[Header], TypeAdapter[Any]] = {shape: TypeAdapter(shape) for shape in SCHEMAS.values()}
"""What turns each into JSON and back."""


class Writer:
    """Stamps and encodes the messages of one run of one machine. Any thread."""

    def __init__(self, site: str, machine: str, run_id: str, utc: Callable[[], str] = utc_text) -> None:
        self.root = f"sorter/v1/{site}/{machine}"
        self.run_id = run_id
        self._utc = utc
        self._seq = itertools.count(1)

    def header(self) -> HeaderFields:
        """The next message's own header: each is used for one message."""
        return {"ts_utc": self._utc(), "run_id": self.run_id, "seq": next(self._seq)}

    def encode(self, said: Header) -> Message:
        kind, topic, retain = ROADS[type(said)]
        if isinstance(said, Alarm):
            topic = topic.format(said.name)
        elif isinstance(said, Result):
            topic = topic.format(said.user, said.name)
        payload = ADAPTERS[type(said)].dump_json(said)
        return Message(kind, f"{self.root}/{topic}", payload, retain, self.run_id, said.seq)

    def adopt(self, draft: Message) -> Message:
        """What an earlier run had no time to say, as a message of this one; its time stays its own."""
        said = json.loads(draft.payload)
        seq = self.header()["seq"]
        payload = json.dumps(said | {"run_id": self.run_id, "seq": seq}, separators=(",", ":")).encode()
        return Message(draft.kind, draft.topic, payload, draft.retain, self.run_id, seq)

    def gap(self, lost: Lost, total: int) -> Message:
        """What was lost, said."""
        figures = {name: getattr(lost, name) for name in ("of_run", "reason", "from_seq", "to_seq", "messages")}
        return self.encode(Gap(**self.header(), **figures, total=total))

    def aside(self) -> HeaderFields:
        """The header of what may be lost without loss: seq 0, so that it leaves no gap."""
        return {"ts_utc": self._utc(), "run_id": self.run_id, "seq": 0}

    def status(self, state: Literal["online", "stopped"]) -> Message:
        return self.encode(Status(**self.header(), state=state))

    def info(self, profile: Profile, bundle: str, self_test: dict[str, float | None] | None = None) -> Message:
        """`bundle` is the `name@digest` that grades now."""
        said = Info(
            **self.header(),
            software=version("sorter"),
            bundle=bundle,
            profile=profile.digest,
            labels=LABELS,
            lanes=len(profile.lanes),
            gates={name: gate.outlet for name, gate in profile.gates.items()},
            self_test=self_test,
            layout=layout(profile),
            agreed=targets(),
        )
        return self.encode(said)

    def last_will(self) -> Message:
        """What the broker is to say when it has lost the machine."""
        return self.encode(Status(**self.aside(), state="offline"))
