"""The outbox's disk: brings what the broker does not take in time to SQLite, and back when its turn comes.

A tick is half of `[telemetry] sync_s`. What is put in one tick and not acknowledged by the end of the next is
committed: online, nearly nothing ever touches the disk. `step` belongs to a thread of its own, which may wait for the
disk.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.log import Log
from edge.telemetry.journal import Journals
from edge.telemetry.lane import Entry
from edge.telemetry.losses import Lost
from edge.telemetry.messages import Message
from edge.telemetry.recovery import Recovered, recover
from edge.telemetry.rows import Batch, EarlierRun, Row
from edge.telemetry.shared import Mark, Shared
from edge.telemetry.store import Store
from edge.telemetry.traffic import SLICE

NS = 1_000_000_000
LOOK_NS = NS // 20
RETRY_NS = 5 * NS

_log = Log("outbox")


class Saver:
    """`turn` begins a tick: it turns the journals and returns the last message. `adopt` takes the drafts of
    runs that are over."""

    def __init__(
        self,
        shared: Shared,
        store: Store,
        journals: Journals | None,
        run: EarlierRun,
        sync_ns: int,
        turn: Callable[[], Mark],
        adopt: Callable[[str, Message], None],
    ) -> None:
        self._shared = shared
        self._store = store
        self._journals = journals
        self._run = run
        self._tick_ns = sync_ns // 2
        self._turn = turn
        self._adopt = adopt
        self._began_ns: int | None = None
        self._next_ns = 0
        self._is_open = False
        self._is_new = True
        self._recovered = False
        self.well = True
        """Whether the disk took what it was last given."""
        self._drafts: set[str] = set()
        self._gaps: tuple[Lost, ...] = ()

    def step(self, now_ns: int) -> int:
        """Open, commit and fetch when it is time; returns when to be called again. Never raises."""
        if self._began_ns is None:
            self._began_ns = now_ns
        try:
            if now_ns >= self._next_ns:
                self._next_ns = now_ns + self._tick_ns
                self._tick(now_ns, closes=False)
                self._say(well=True)
            if self._is_open:
                self._fetch()  # which works even where nothing can be written
                self._shared.traffic.is_readable = True
        except Exception as error:  # whatever it is, messages still go to the broker, and it is tried again
            self._fail(error, now_ns)
        return min(self._next_ns, now_ns + LOOK_NS)

    def close(self, now_ns: int) -> None:
        """Save what is left. Once nothing is put any more. Never raises."""
        try:
            self._tick(now_ns, closes=True)
        except Exception as error:
            self._fail(error, now_ns)
        if self._journals:
            self._journals.close(keep=not self.well)
        self._store.close()

    def _tick(self, now_ns: int, *, closes: bool) -> None:
        if not self._is_open:
            self._open()
        at_s = 0 if self._began_ns is None else (now_ns - self._began_ns) // NS
        with self._shared.lock:
            entries, batch = self._batch(closes)
        if self._is_due(entries, batch):
            if entries and self._store.is_full() and not self._trim(at_s):
                raise sqlite3.OperationalError("[telemetry] outbox_bytes is used up by what is never evicted")
            rows = self._store.commit(batch, at_s)
            with self._shared.lock:
                self._note(entries, rows, batch)
        self._trim(at_s)
        turned = self._turn()
        if self._journals:
            self._journals.drop_left()
        with self._shared.lock:
            self._shared.mark = turned

    def _batch(self, closes: bool) -> tuple[list[Entry], Batch]:
        shared = self._shared
        shared.take_in()
        until = max(shared.traffic.young, default=0) if closes else shared.mark.serial
        entries = [entry for entry in shared.traffic.young.values() if entry.serial <= until]
        drafts = {
            key: draft for key, (serial, draft) in shared.drafts.items() if serial <= until and key not in self._drafts
        }
        self._prune_settled()
        run = EarlierRun(self._run.run_id, self._run.boot, shared.mark.seq)
        messages = [entry.message for entry in sorted(entries, key=lambda entry: entry.serial)]
        entries.sort(key=lambda entry: entry.serial)
        gone = tuple(shared.traffic.gone)
        return entries, Batch(run, closes, messages, gone, drafts, tuple(shared.settled), shared.losses.untold())

    def _prune_settled(self) -> None:
        """A draft that never came to the disk, and went again, is not worth a commit."""
        settled = self._shared.settled
        self._shared.settled = [key for key in settled if key in self._drafts or key.startswith("gap ")]

    def _is_due(self, entries: Sequence[Entry], batch: Batch) -> bool:
        changed = entries or batch.gone or batch.drafts or batch.settled or batch.closes or self._is_new
        return bool(changed) or batch.gaps != self._gaps

    def _note(self, entries: Sequence[Entry], rows: Sequence[int], batch: Batch) -> None:
        self._shared.traffic.stored(entries, rows)
        self._shared.traffic.deleted(batch.gone)
        self._drafts |= batch.drafts.keys()
        self._drafts -= set(batch.settled)
        self._shared.settled = [key for key in self._shared.settled if key not in batch.settled]
        self._gaps = tuple(batch.gaps)
        self._is_new = False

    def _trim(self, at_s: int) -> bool:
        """Evict what is too much or too old; whether there was any."""
        evicted = False
        while True:
            with self._shared.lock:
                spared = set(self._shared.traffic.held)
            rows, by_age = self._store.victims(at_s, spared)
            if not rows:
                return evicted
            evicted = True
            self._evict(rows, by_age)

    def _evict(self, rows: Sequence[Row], by_age: bool) -> None:
        with self._shared.lock:
            for row in rows:
                self._shared.losses.one(row.message.run_id, row.message.seq, "expired" if by_age else "evicted")
            gaps = self._shared.losses.untold()
        self._store.evict(rows, gaps)
        with self._shared.lock:
            self._shared.traffic.rows -= len(rows)
        self._gaps = gaps

    def _fetch(self) -> None:
        """What is never evicted comes first: alarms before a day of fruit."""
        traffic = self._shared.traffic
        found = 0
        for is_kept in (True, False):
            with self._shared.lock:
                if not traffic.wants():
                    return
                cursors = dict(traffic.cursors)
            rows = self._store.read(cursors[is_kept], SLICE, kept=is_kept)
            found += len(rows)
            with self._shared.lock:
                if traffic.cursors != cursors:  # all of it lies by, and is fetched from the start
                    return
                if rows:
                    traffic.cursors[is_kept] = rows[-1].id
                    traffic.offer(rows)
                elif not is_kept and not found:
                    traffic.rows = len(traffic.held)  # a state that was replaced on disk is there no more

    def _open(self) -> None:
        kept = self._store.open()
        left = self._journals.left if self._journals else ()
        found = recover(kept, left, self._run.boot, self._store.holds)
        self._is_open = True
        with self._shared.lock:
            if not self._recovered:
                self._recovered = True
                self._take(found)
            self._shared.traffic.rows, self._shared.traffic.is_readable = kept.rows, True
        for key, draft in found.drafts.items():
            if draft.run_id != self._run.run_id:
                self._adopt(key, draft)
        self._drafts |= kept.drafts.keys()

    def _take(self, found: Recovered) -> None:
        shared = self._shared
        shared.settled += found.settled
        for lost in found.gaps:
            shared.losses.remember(lost)
        for lost in found.lost:
            shared.losses.add(lost)
        for number, message in enumerate(found.messages):
            shared.traffic.recover(Entry(message, number - len(found.messages)))

    def _fail(self, error: Exception, now_ns: int) -> None:
        """A disk that does not take it: memory holds what it may, and it is tried again. A file that is not what it
        was is set aside, and a new one begun."""
        self._next_ns = now_ns + RETRY_NS
        self._say(well=False, why=str(error))
        with self._shared.lock:
            self._prune_settled()
            self._shared.traffic.is_readable = False
        if isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError):
            self._begin_anew(now_ns)
        elif not self._is_open:
            self._store.close()

    def _begin_anew(self, now_ns: int) -> None:
        known, self._is_open = self._is_open, False
        try:
            self._store.set_aside()
        except OSError:  # a disk that can only be read: looked at again later
            return
        with self._shared.lock:
            missing = self._shared.traffic.rows - len(self._shared.traffic.held)
            self._shared.losses.add(Lost(None, "corrupt", None, None, missing if known else None))
            self._shared.traffic.disown()
        self._is_new = True
        self._drafts, self._gaps = set(), ()
        self._next_ns = now_ns

    def _say(self, *, well: bool, **what: object) -> None:
        if well != self.well:
            self.well = well
            if well:
                _log.info("the disk takes messages again")
            else:
                _log.warning("the disk takes no messages: they wait in memory; free some room", **what)


def open_journals(folder: Path, run_id: str, boot: str) -> Journals | None:
    """None where there is no room for them: then only what was committed outlives a kill."""
    try:
        return Journals(folder, run_id, boot)
    except OSError as error:
        _log.warning("no journal: a kill may take the last messages", folder=folder, why=error.strerror or error)
        return None
