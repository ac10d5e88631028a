"""The outbox: messages wait here until the broker has them. On disk where the profile has a folder, else in memory.

Whoever puts a message copies it into a journal that outlives the process, and goes on. One thread speaks to the broker
(`step`), another to the disk (`save`); neither waits for the other, and nobody waits for them.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.ports import Publisher
from edge.telemetry.journal import Journals, Noted
from edge.telemetry.lane import Entry
from edge.telemetry.losses import GREETING, Losses, LossReason, Lost
from edge.telemetry.messages import Message, Writer
from edge.telemetry.rows import EarlierRun
from edge.telemetry.saver import Saver, open_journals
from edge.telemetry.shared import Arrival, Mark, Shared
from edge.telemetry.store import Store
from edge.telemetry.traffic import BACKLOG_HZ, Traffic

NS = 1_000_000_000
LOOK_NS = NS // 50
"""How often it looks for new messages: nobody wakes it."""
PRESSED_NS = NS // 200
"""And so often while more waits than may be on its way."""
TELL_NS = 10 * NS
"""Losses that go on are told so often."""
IDLE_NS = 3_600 * NS
CLOSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Disk:
    """Where messages survive. `journal` is best on a tmpfs; `boot` names the computer's present boot."""

    folder: Path
    journal: Path
    most_bytes: int
    most_s: float
    sync_ns: int
    boot: str
    store: type[Store] = Store


@dataclass(frozen=True, slots=True)
class OutboxCounts:
    """Since the run began; but `queued` is what waits or is on its way now."""

    queued: int
    acknowledged: int
    resent: int
    shed: int


class Outbox:
    """At least once. `put`, `draft` and `counts` from any thread, `step` from one, `save` from another one."""

    def __init__(
        self,
        publisher: Publisher,
        capacity: int,
        writer: Writer,
        disk: Disk | None = None,
        window: int = 64,
        resend_ns: int = 5 * NS,
        backlog_hz: int = BACKLOG_HZ,
    ) -> None:
        """`capacity`: messages held in memory, those on their way included. `window`: how many may be on their way at
        once. `resend_ns`: a message without an acknowledgement for so long is sent again."""
        self._publisher = publisher
        self._capacity = capacity
        self._writer = writer
        self._door = threading.Lock()
        self._serials = itertools.count(1)
        self._last = self._last_seq = 0
        self._refused = Losses()
        self._tell_at_ns = 0
        overflow: LossReason = "unwritable" if disk else "evicted"
        losses = Losses()
        traffic = Traffic(losses, capacity, window, resend_ns, overflow, backlog_hz)
        self._shared = Shared(threading.Lock(), traffic, losses)
        self._journals: Journals | None = None
        self._saver: Saver | None = None
        self._saving = threading.Lock()
        if disk:
            self._journals = open_journals(disk.journal, writer.run_id, disk.boot)
            self._saver = Saver(
                self._shared,
                disk.store(disk.folder, disk.most_bytes, disk.most_s),
                self._journals,
                EarlierRun(writer.run_id, disk.boot, 0),
                disk.sync_ns,
                self._turn,
                self._adopt,
            )

    def put(self, message: Message, settles: str | None = None) -> None:
        """Take a message, for the price of a copy. `settles`: the draft in whose place it stands."""
        self._arrive(message, settles if self._saver else None, is_draft=False)

    def draft(self, write: Callable[[], Message], key: str) -> None:
        """What is to be said if this run ends before it has put a message that settles `key`. Only an outbox on disk
        outlives the run, and has it written."""
        if self._saver:
            self._arrive(write(), key, is_draft=True)

    def greeting(self, first: int, last: int) -> None:
        """Messages with these numbers are on their way beside the outbox; 0, 0: they have arrived."""
        if self._journals:
            with self._door:
                self._journals.greet(first, last)

    def greeting_lost(self, first: int, last: int) -> None:
        """They have not."""
        with self._shared.lock:
            self._shared.losses.add(Lost(self._writer.run_id, "connection", first, last, GREETING))
        self.greeting(0, 0)

    def step(self, now_ns: int) -> int:
        """Forget what was acknowledged, send what may be sent; returns when to be called again at the latest."""
        acknowledged = tuple(self._publisher.acknowledged())
        online = self._publisher.online()
        with self._shared.lock:
            self._shared.take_in()
            self._shared.traffic.turn(now_ns, online, acknowledged)
        if online:
            if self._refused or self._shared.losses:
                self._tell_losses(now_ns)
            while self._send_next(now_ns):
                pass
        with self._shared.lock:
            return now_ns + (PRESSED_NS if self._shared.traffic.is_pressed() else LOOK_NS)

    def save(self, now_ns: int) -> int:
        """Write and read what is due; returns when to be called again. May wait for the disk."""
        if self._saver is None:
            return now_ns + IDLE_NS
        with self._saving:
            return self._saver.step(now_ns)

    def saving(self) -> bool | None:
        """Whether the disk took what it was last given; None without one. Any thread."""
        return self._saver.well if self._saver else None

    def close(self, now_ns: int) -> None:
        """Write what is left to disk. Once nobody puts or steps any more. A disk that `save` still waits for is left
        alone: the journals have it all."""
        if self._saver and self._saving.acquire(timeout=CLOSE_S):
            self._saver.close(now_ns)
            self._saving.release()

    def counts(self) -> OutboxCounts:
        with self._shared.lock:
            traffic = self._shared.traffic
            queued = traffic.queued() + len(self._shared.arrived)
            shed = self._shared.losses.given_up + self._refused.given_up
            return OutboxCounts(queued, traffic.acknowledged, traffic.resent, shed)

    def _arrive(self, message: Message, key: str | None, *, is_draft: bool) -> None:
        with self._door:
            self._last_seq = max(self._last_seq, message.seq)
            if len(self._shared.arrived) >= self._capacity:  # its threads are stuck: what they have not seen is bounded
                self._refused.one(message.run_id, message.seq, "unwritable")
                return
            self._last = next(self._serials)
            if self._journals:
                self._journals.add(Noted(message, key, is_draft))
            self._shared.arrived.append(Arrival(self._last, message, key, is_draft))
        if self._shared.lock.acquire(blocking=False):  # else whoever holds it, or comes next, takes it in
            try:
                self._shared.take_in()
            finally:
                self._shared.lock.release()

    def _turn(self) -> Mark:
        """A tick of the disk's is over: what its idle journal held is safe."""
        with self._door:
            if self._journals:
                self._journals.turn()
            return Mark(self._last, self._last_seq)

    def _adopt(self, key: str, draft: Message) -> None:
        """An earlier run decided and did not come to say it."""
        message = self._writer.adopt(draft)
        with self._door:
            self._last_seq = max(self._last_seq, message.seq)
            serial = self._last = next(self._serials)
            if self._journals:
                self._journals.add(Noted(message, key, False))
        with self._shared.lock:
            self._shared.settled.append(key)
            self._shared.traffic.recover(Entry(message, serial))

    def _tell_losses(self, now_ns: int) -> None:
        with self._door:
            refused = self._refused.untold()
            self._refused.told([lost.key for lost in refused])
        with self._shared.lock:
            for lost in refused:
                self._shared.losses.remember(lost)
            untold = self._shared.losses.untold()
            if not untold or now_ns < self._tell_at_ns:
                return
            self._tell_at_ns = now_ns + TELL_NS
            self._shared.losses.told([lost.key for lost in untold])
            total = self._shared.losses.total + self._refused.total
        for lost in untold:
            self.put(self._writer.gap(lost, total), settles=lost.key)
        with self._shared.lock:
            self._shared.take_in()

    def _send_next(self, now_ns: int) -> bool:
        with self._shared.lock:
            entry = self._shared.traffic.next(now_ns)
        if entry is None:
            return False
        token = None
        try:
            token = self._publisher.publish(entry.message.topic, entry.message.payload, entry.message.retain)
        finally:
            with self._shared.lock:
                self._settle(entry, token, now_ns)
        return token is not None

    def _settle(self, entry: Entry, token: int | None, now_ns: int) -> None:
        if token is None:
            self._shared.traffic.unsent(entry)
        else:
            self._shared.traffic.sent(entry, token, now_ns)
