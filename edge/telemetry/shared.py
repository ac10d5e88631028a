"""What the outbox's threads share."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import dataclass, field

from edge.telemetry.lane import Entry
from edge.telemetry.losses import Losses
from edge.telemetry.messages import Message
from edge.telemetry.traffic import Traffic


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it was put: a draft under `key`, or one that settles what `key` names."""

    serial: int
    message: Message
    key: str | None
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """A message, by when it was put and by its number: up to it all is on disk or with the broker."""

    serial: int
    seq: int


@dataclass(slots=True)
class Shared:
    """What the outbox's threads share, all of it under `lock`, which is never held while anybody waits."""

    lock: threading.Lock
    traffic: Traffic
    losses: Losses
    drafts: dict[str, tuple[int, Message]] = field(default_factory=dict)
    """By key: when it was put, and the draft."""
    settled: list[str] = field(default_factory=list)
    """Keys of what is no draft or gap any more."""
    mark: Mark = Mark(0, 0)
    """The last message of the tick before this one."""
    arrived: deque[Arrival] = field(default_factory=deque)
    """Put, and not looked at yet: the one part that is shared with whoever puts, without the lock."""

    def take_in(self) -> None:
        """Under the lock."""
        while self.arrived:
            arrival = self.arrived.popleft()
            if arrival.key is not None and arrival.is_draft:
                self.drafts[arrival.key] = (arrival.serial, arrival.message)
                continue
            if arrival.key is not None:
                self.drafts.pop(arrival.key, None)
                self.settled.append(arrival.key)
            self.traffic.admit(Entry(arrival.message, arrival.serial))
