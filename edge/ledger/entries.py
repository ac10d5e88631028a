"""What a ledger says: one Decision a fruit, and an Event for anything else that is to be explained later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]

KINDS = (
    *("run", "ended", "lost", "cut", "profile", "changed", "bundle", "adopted", "release", "waiver"),
    *("incident", "label", "flag", "command", "lot", "drift", "audit_rate", "note"),
)
"""Of events. `run` begins one, `ended` says that it came to its end; `lost`: entries for which there was no room;
`cut`: what a power cut left half written was cut off. `profile` and `bundle` carry the whole of it; `changed`: the keys
in which a profile differs from the last run's."""


@dataclass(frozen=True, slots=True)
class LookNote:
    """One look. Scores in the order of `edge.datapath.LABELS`, to four decimals."""

    frame: int
    sharpness: float
    unknown: float
    scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """One fruit, written once its outcome is known or can no longer come. `at_ns`: when it was decided; `opened_at_ns`
    and `closed_at_ns` are the edges of its gate, None where that did not move for it; `late_ns` is how far behind its
    deadline the edge, or the refusal, was. Drawn for the audit: `audit` is the chance that it had to be, `sorted_to`
    the outlet that it would have gone to and `sorted_for` the reason. `pictures`: how many were kept."""

    track_id: str
    at_ns: int
    lane: int
    length_mm: float | None
    looks: tuple[LookNote, ...]
    label: str
    confidence: float
    unknown_score: float
    scores: tuple[float, ...]
    outlet: str
    reason: str
    bundle: str
    profile: str
    gate: str | None = None
    result: str | None = None
    opened_at_ns: int | None = None
    closed_at_ns: int | None = None
    late_ns: int | None = None
    audit: float | None = None
    sorted_to: str | None = None
    sorted_for: str | None = None
    pictures: int = 0


@dataclass(frozen=True, slots=True)
class Event:
    """`kind` is one of KINDS; `who` did it, as the broker or a release key proved; `why` in their words; `about` is the
    track, bundle, profile, incident or command that it is about."""

    at_ns: int
    kind: str
    who: str | None = None
    why: str | None = None
    about: str | None = None
    said: Mapping[str, Json] = field(default_factory=dict)


Entry = Decision | Event


@dataclass(frozen=True, slots=True)
class Stamped:
    """An entry as it is read: with the wall time, by the clock of its machine then, and the run that wrote it."""

    utc: datetime
    run_id: str
    entry: Entry
