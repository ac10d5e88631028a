"""What goes to the outbox's file and comes from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from edge.telemetry.losses import Lost
from edge.telemetry.messages import Message


@dataclass(frozen=True, slots=True)
class Row:
    """A message on disk."""

    id: int
    message: Message


@dataclass(frozen=True, slots=True)
class EarlierRun:
    """A run that did not close its outbox. `last_seq`: the last of its numbers that a commit saw."""

    run_id: str
    boot: str
    last_seq: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What the file held when it was opened, but for the messages."""

    drafts: Mapping[str, Message]
    gaps: tuple[Lost, ...]
    unclosed: tuple[EarlierRun, ...]
    rows: int


@dataclass(slots=True)
class Batch:
    """One commit. `settled` are keys of drafts and gaps that are no more; `at_s` is seconds of the box's own time."""

    run: EarlierRun
    closes: bool = False
    messages: Sequence[Message] = ()
    gone: Sequence[int] = ()
    drafts: Mapping[str, Message] = field(default_factory=dict)
    settled: Iterable[str] = ()
    gaps: Sequence[Lost] = ()
