"""The outbox: messages wait here until the broker has them, bounded, in memory.

A message leaves on the broker's acknowledgement, and by shedding. When the box is full the oldest fruit go first, then
the oldest metrics: fruit are many and counters carry on, an alarm is neither.
"""

import threading
from collections import deque
from dataclasses import dataclass

from edge.ports import Publisher
from edge.telemetry.messages import Kind, Message

LOOK_NS = 50_000_000
"""How often it looks for new messages: nobody wakes it."""

SHED_FIRST: tuple[Kind, ...] = ("track", "metrics", "label", "alarm", "info", "status")
"""An alarm goes only from a box that holds nothing lesser. A status or info never waits twice: the newer one replaces
the older, so it is never shed from a box that holds anything else."""

SEND_FIRST: tuple[Kind, ...] = ("status", "info", "alarm", "label", "metrics", "track")


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """Since the run began; but `queued` is what waits or is on its way now."""

    queued: int
    acknowledged: int
    resent: int
    shed: int


@dataclass(slots=True)
class _Entry:
    message: Message
    serial: int
    resend_at_ns: int = 0


class MemoryOutbox:
    """At least once for as long as the process lives. `put` and `counts` from any thread, `step` from one."""

    def __init__(self, publisher: Publisher, capacity: int, window: int = 64, resend_ns: int = 5_000_000_000) -> None:
        """`capacity`: messages held, those on their way included. `window`: how many may be on their way at once.
        `resend_ns`: a message without an acknowledgement for so long is sent again."""
        self._publisher = publisher
        self._capacity = capacity
        self._window = window
        self._resend_ns = resend_ns
        self._waiting: dict[Kind, deque[_Entry]] = {kind: deque() for kind in SEND_FIRST}
        self._sent: dict[int, _Entry] = {}
        self._leaving: _Entry | None = None
        self._newest: dict[str, int] = {}
        self._lock = threading.Lock()
        self._serial = self._acknowledged = self._resent = self._shed = 0

    def put(self, message: Message) -> None:
        """Take a message, for the price of a lock that is never held while the broker is spoken to."""
        with self._lock:
            self._serial += 1
            if message.retain:
                self._newest[message.topic] = self._serial
                self._waiting[message.kind].clear()
            self._waiting[message.kind].append(_Entry(message, self._serial))
            if self._held() > self._capacity:
                self._shed_one()

    def step(self, now_ns: int) -> int:
        """Forget what was acknowledged, send what may be sent; returns when to be called again at the latest."""
        acknowledged = list(self._publisher.acknowledged())
        online = self._publisher.online()
        with self._lock:
            for token in acknowledged:
                self._acknowledged += self._sent.pop(token, None) is not None
            self._take_back(now_ns, online)
        while online and len(self._sent) < self._window and self._send_next(now_ns):
            pass
        return now_ns + LOOK_NS

    def counts(self) -> OutboxCounts:
        with self._lock:
            return OutboxCounts(self._held(), self._acknowledged, self._resent, self._shed)

    def _held(self) -> int:
        return len(self._sent) + (self._leaving is not None) + sum(map(len, self._waiting.values()))

    def _take_back(self, now_ns: int, online: bool) -> None:
        """What was sent and not acknowledged in time goes back to the head of its queue, oldest first. So does all of
        it when the broker is away: its acknowledgements went with the connection."""
        overdue = [token for token, entry in self._sent.items() if not online or entry.resend_at_ns <= now_ns]
        for entry in sorted(map(self._sent.pop, overdue), key=lambda entry: -entry.serial):
            if entry.serial >= self._newest.get(entry.message.topic, 0):
                self._waiting[entry.message.kind].appendleft(entry)
                self._resent += 1

    def _send_next(self, now_ns: int) -> bool:
        with self._lock:
            queue = next((self._waiting[kind] for kind in SEND_FIRST if self._waiting[kind]), None)
            if queue is None:
                return False
            entry = self._leaving = queue.popleft()
        token = self._publisher.publish(entry.message.topic, entry.message.payload, entry.message.retain)
        with self._lock:
            self._leaving = None
            if token is None:
                queue.appendleft(entry)
                return False
            entry.resend_at_ns = now_ns + self._resend_ns
            self._sent[token] = entry
            return True

    def _shed_one(self) -> None:
        for kind in SHED_FIRST:
            if self._waiting[kind]:
                self._waiting[kind].popleft()
                self._shed += 1
                return
