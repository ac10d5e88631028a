"""What waits and what is on its way: live messages ahead of a backlog at a limited rate. No I/O, no clock, no lock.

A message that is put while the broker is there is live. What waited for it, or was left by an earlier run, is backlog:
it goes when nothing live waits, in order. An entry is `young` until a commit has it or the broker does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from edge.telemetry.lane import EVICT_FIRST, Entry, Lane
from edge.telemetry.losses import Losses, LossReason
from edge.telemetry.rows import Row

NS = 1_000_000_000
BACKLOG_HZ = 500
"""A day of ten fruit a second within half an hour, and a road that stays free."""
MOST_LIVE = 2_000
"""A broker that takes less than is put: then all that waits is backlog, and what comes next is live again."""
SLICE = 256
"""Rows that are fetched at once."""

_BURST_NS = NS // 25


class Traffic:
    """All methods under the outbox's lock. `capacity`: the most that is young; `window`: the most on its way."""

    def __init__(
        self, losses: Losses, capacity: int, window: int, resend_ns: int, overflow: LossReason, backlog_hz: int
    ) -> None:
        self._losses = losses
        self._capacity = capacity
        self._window = window
        self._resend_ns = resend_ns
        self._overflow: LossReason = overflow
        self._gap_ns = NS // backlog_hz
        self._backlog_at_ns: int | None = None
        self._live, self._rest = Lane(), Lane()
        self._old: deque[Entry] = deque()
        self._flying: dict[int, Entry] = {}
        self._newest: dict[str, Entry] = {}
        self._online = False
        self.young: dict[int, Entry] = {}
        self.gone: list[int] = []
        self.held: set[int] = set()
        """Rows that are in memory, or deleted by the next commit."""
        self.cursors = {True: 0, False: 0}
        """Up to which row was fetched: of what is never evicted, and of the others."""
        self.rows = self.acknowledged = self.resent = 0
        self.is_readable = False
        """Whether rows can be fetched. Then what rests goes behind them."""

    def queued(self) -> int:
        return len(self.young) + self.rows - len(self.gone)

    def admit(self, entry: Entry) -> None:
        """Take a message in, and let another go where there are too many."""
        message = entry.message
        if message.retain and message.kind != "gap":
            self._newest[message.topic] = entry
            for lane in (self._live, self._rest):
                for older in lane.entries(message.kind):
                    if older.message.topic == message.topic:
                        lane.remove((older,))
                        self._forget(older)
        self.young[entry.serial] = entry
        if self._online and not entry.is_old:
            self._live.append(entry)
            if len(self._live) > MOST_LIVE:
                self._lay_by()
        else:
            self._lay_to_rest(entry)
        if len(self.young) > self._capacity and message.kind != "gap":
            self._make_room(entry)

    def recover(self, entry: Entry) -> None:
        """Take in what an earlier run left. There may be more of it than memory should hold: a commit follows."""
        self.young[entry.serial] = entry
        self._lay_to_rest(entry)

    def turn(self, now_ns: int, online: bool, tokens: Iterable[int]) -> None:
        """Settle what was acknowledged, and take back what will not be."""
        for token in tokens:
            if entry := self._flying.pop(token, None):
                self.acknowledged += 1
                self._forget(entry)
        if self._backlog_at_ns is None or now_ns - self._backlog_at_ns > _BURST_NS:
            self._backlog_at_ns = now_ns - _BURST_NS
        if online != self._online:
            self._online = online
            if not online:
                self._lay_by()
        if self._flying:
            for token in [token for token, entry in reversed(self._flying.items()) if entry.resend_at_ns <= now_ns]:
                self._return(self._flying.pop(token))

    def next(self, now_ns: int) -> Entry | None:
        """What is to be sent now. It is `sent` or `unsent` after that."""
        while len(self._flying) < self._window:
            entry = self._live.pop() or self._next_old(now_ns)
            if entry is None:
                return None
            if entry.row or entry.serial in self.young:
                entry.rests = False
                if not self._is_replaced(entry):
                    return entry
                self._forget(entry)
        return None

    def sent(self, entry: Entry, token: int, now_ns: int) -> None:
        entry.resend_at_ns = now_ns + self._resend_ns
        self._flying[token] = entry

    def unsent(self, entry: Entry) -> None:
        if self._online and not entry.is_old:
            self._live.push(entry)
        elif entry.row:
            self._old.appendleft(entry)
        else:
            entry.rests = True
            self._rest.push(entry)

    def stored(self, entries: Sequence[Entry], rows: Sequence[int]) -> None:
        """A commit has them. What rests leaves the memory: it is fetched when its turn comes."""
        self.rows += len(rows)
        for entry, row in zip(entries, rows, strict=True):
            is_wanted = self.young.pop(entry.serial, None) is not None
            entry.row = row
            if not is_wanted:
                self.gone.append(row)
            if not (is_wanted and entry.rests):
                self.held.add(row)
        self._rest.remove(entry for entry in entries if entry.rests)

    def deleted(self, rows: Sequence[int]) -> None:
        self.rows -= len(rows)
        self.held.difference_update(rows)
        which = set(rows)
        self.gone = [row for row in self.gone if row not in which]

    def is_pressed(self) -> bool:
        """Whether what is live waits for acknowledgements."""
        return self._online and len(self._live) > 0

    def wants(self) -> bool:
        """Whether rows are to be fetched."""
        return self._online and len(self._old) < SLICE // 2 and self.rows > len(self.held)

    def offer(self, rows: Sequence[Row]) -> None:
        """Rows that were fetched."""
        for row in rows:
            if row.id not in self.held:
                self.held.add(row.id)
                self._old.append(Entry(row.message, 0, row.id, is_old=True))

    def disown(self) -> None:
        """The disk lost its rows: what is in memory is young again."""
        waiting = [*self._live.entries(), *self._old, *self._flying.values()]
        for number, entry in enumerate(entry for entry in waiting if entry.row):
            entry.row = 0
            entry.serial = entry.serial or min(self.young, default=0) - 1 - number
            self.young[entry.serial] = entry
        for entry in self._old:
            self._lay_to_rest(entry)
        self._old.clear()
        self.gone, self.held, self.rows, self.cursors = [], set(), 0, {True: 0, False: 0}

    def _next_old(self, now_ns: int) -> Entry | None:
        if self._backlog_at_ns is None or now_ns < self._backlog_at_ns or len(self._flying) > 3 * self._window // 4:
            return None
        if not self._old and self.is_readable and self.rows > len(self.held):
            return None  # the older ones are being fetched
        entry = self._old.popleft() if self._old else self._rest.pop()
        if entry:
            self._backlog_at_ns += self._gap_ns
        return entry

    def _is_replaced(self, entry: Entry) -> bool:
        newest = self._newest.get(entry.message.topic)
        return newest is not None and newest is not entry and not (entry.row and entry.row == newest.row)

    def _forget(self, entry: Entry) -> None:
        if entry.row:
            self.gone.append(entry.row)
        else:
            self.young.pop(entry.serial, None)

    def _return(self, entry: Entry) -> None:
        self.resent += 1
        entry.is_old = True
        if entry.row:
            self._old.appendleft(entry)
        else:
            entry.rests = True
            self._rest.push(entry)

    def _lay_by(self) -> None:
        """What waits and what flies becomes backlog: what is on disk leaves the memory, the rest waits in its order."""
        waiting = [*self._live.entries(), *self._rest.entries()]
        if not self._online:
            self.resent += len(self._flying)
            waiting += self._flying.values()
            self._flying = {}
            waiting += self._old
            self._old.clear()
        self._live, self._rest = Lane(), Lane()
        for entry in sorted(waiting, key=lambda entry: entry.serial):
            if entry.row:
                self.held.discard(entry.row)
            else:
                self._lay_to_rest(entry)
        self.cursors = {True: 0, False: 0}

    def _lay_to_rest(self, entry: Entry) -> None:
        entry.is_old = entry.rests = True
        self._rest.append(entry)

    def _make_room(self, newcomer: Entry) -> None:
        for kind in EVICT_FIRST:
            for lane in (self._rest, self._live):
                if entry := lane.evict(kind):
                    self._lose(entry)
                    return
        for lane in (self._rest, self._live):
            lane.remove((newcomer,))
        self._lose(newcomer)

    def _lose(self, entry: Entry) -> None:
        self.young.pop(entry.serial, None)
        self._losses.one(entry.message.run_id, entry.message.seq, self._overflow)
