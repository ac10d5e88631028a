"""The outbox on disk: one SQLite file of messages that the broker has not taken. All methods belong to one thread.

A commit is on the disk when it returns (write-ahead log, synchronous FULL): a power cut takes what came after the last
one. Raises sqlite3.OperationalError where the disk is full, slow or locked, another DatabaseError where the file is
not what it was.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from edge.telemetry.lane import EVICT_FIRST
from edge.telemetry.losses import Lost
from edge.telemetry.messages import Kind, Message
from edge.telemetry.rows import Batch, EarlierRun, Kept, Row

FILE = "outbox.sqlite"
ASIDE = "outbox.corrupt"

_VERSION = 1
_SLICE = 100
"""Rows that are evicted at once."""
_KEPT = "kind not in ('track', 'metrics')"
_SCHEMA = f"""
create table if not exists message (
    id integer primary key autoincrement,
    run text, seq integer, kind text, topic text, payload blob, retain integer, at_s integer);
create index if not exists kept on message (id) where {_KEPT};
create index if not exists state on message (topic) where retain;
create table if not exists draft (
    key text primary key, run text, seq integer, kind text, topic text, payload blob, retain integer) without rowid;
create table if not exists gap (
    key text primary key, run text, reason text, from_seq integer, to_seq integer, messages integer) without rowid;
create table if not exists run (
    run text primary key, boot text, last_seq integer, closed integer) without rowid;
"""
_MESSAGE = "run, seq, kind, topic, payload, retain"


class Store:
    """The file in `folder`, and how much of the disk it may have."""

    def __init__(self, folder: Path, most_bytes: int, most_s: float) -> None:
        self._folder = folder
        self._path = folder / FILE
        self._most_bytes = most_bytes
        self._most_s = round(most_s)
        self._base_s = 0
        self._connection: sqlite3.Connection | None = None

    def open(self) -> Kept:
        """Make it or find it."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        db = sqlite3.connect(self._path, timeout=0.2, isolation_level=None, check_same_thread=False)
        try:
            kept = self._look(db)
        except BaseException:
            db.close()
            raise
        self._connection = db
        return kept

    def _look(self, db: sqlite3.Connection) -> Kept:
        db.execute("pragma locking_mode = exclusive")
        db.execute("pragma journal_mode = wal")
        db.execute("pragma synchronous = full")
        db.execute(f"pragma journal_size_limit = {8 << 20}")
        (version,) = db.execute("pragma user_version").fetchone()
        if version not in (0, _VERSION):
            raise sqlite3.DatabaseError(f"another version's file: {version}")
        db.executescript(f"{_SCHEMA}pragma user_version = {_VERSION};")
        _sync(self._folder)
        (self._base_s,) = db.execute(
            "select coalesce((select at_s from message order by id desc limit 1), 0)"
        ).fetchone()
        (rows,) = db.execute("select count(*) from message").fetchone()
        drafts = {
            key: _message(held) for key, *held in db.execute(f"select key, {_MESSAGE} from draft order by run, key")
        }
        gaps = tuple(
            Lost(run, reason, first, last, messages)
            for run, reason, first, last, messages in db.execute(
                "select run, reason, from_seq, to_seq, messages from gap"
            )
        )
        runs = db.execute("select run, boot, last_seq from run where not closed")
        return Kept(drafts, gaps, tuple(EarlierRun(*run) for run in runs), rows)

    def holds(self, runs: Iterable[str]) -> set[tuple[str, int]]:
        """The numbers of the messages of some runs, by a look at the newest rows: what a journal may repeat."""
        recent = self._db.execute("select run, seq from message order by id desc limit 50000")
        wanted = set(runs)
        return {(run, seq) for run, seq in recent if run in wanted}

    def commit(self, batch: Batch, at_s: int) -> list[int]:
        """Write it and see it safe; returns the rows of its messages."""
        with self._transaction() as db:
            rows = [self._insert(db, message, at_s) for message in batch.messages]
            db.executemany("delete from message where id = ?", ((row,) for row in batch.gone))
            for key in batch.settled:
                db.execute("delete from draft where key = ?", (key,))
                db.execute("delete from gap where key = ?", (key,))
            db.executemany(
                "insert or replace into draft values (?, ?, ?, ?, ?, ?, ?)",
                ((key, *_values(message)) for key, message in batch.drafts.items()),
            )
            self._write_gaps(db, batch.gaps)
            db.execute("delete from run where closed or run <> ?", (batch.run.run_id,))
            run = batch.run
            db.execute(
                "insert or replace into run values (?, ?, ?, ?)", (run.run_id, run.boot, run.last_seq, batch.closes)
            )
        return rows

    def _insert(self, db: sqlite3.Connection, message: Message, at_s: int) -> int:
        if message.retain and message.kind != "gap":
            db.execute("delete from message where retain and topic = ? and kind <> 'gap'", (message.topic,))
        values = (*_values(message), self._base_s + at_s)
        cursor = db.execute(f"insert into message ({_MESSAGE}, at_s) values (?, ?, ?, ?, ?, ?, ?)", values)
        return cursor.lastrowid or 0

    def _write_gaps(self, db: sqlite3.Connection, gaps: Iterable[Lost]) -> None:
        db.executemany(
            "insert or replace into gap values (?, ?, ?, ?, ?, ?)",
            ((gap.key, gap.of_run, gap.reason, gap.from_seq, gap.to_seq, gap.messages) for gap in gaps),
        )

    def read(self, after: int, most: int, *, kept: bool) -> list[Row]:
        """The messages behind a row, in the order in which they were put: what is never evicted, or the others."""
        which = _KEPT if kept else f"not ({_KEPT})"
        found = self._db.execute(
            f"select id, {_MESSAGE} from message where id > ? and {which} order by id limit ?", (after, most)
        ).fetchall()
        return [Row(row, _message(held)) for row, *held in found]

    def victims(self, at_s: int, spared: set[int]) -> tuple[list[Row], bool]:
        """A slice of what is to go, and whether by age; none where it is within its bounds. `spared` rows stay."""
        full = self.used_bytes() > self._most_bytes
        oldest_s = self._base_s + at_s - self._most_s
        for kind in EVICT_FIRST:
            rows = self._oldest(kind, None if full else oldest_s, spared)
            if rows:
                return rows, not full
        return [], False

    def _oldest(self, kind: Kind, before_s: int | None, spared: set[int]) -> list[Row]:
        most = _SLICE + 1 + len(spared)
        found = self._db.execute(
            f"select id, at_s, {_MESSAGE} from message where kind = ? order by id limit ?", (kind, most)
        ).fetchall()
        if kind == "metrics" and len(found) < most:
            found = found[:-1]  # the newest counters
        old = [held for held in found if held[0] not in spared and (before_s is None or held[1] < before_s)]
        return [Row(row, _message(held)) for row, _, *held in old[:_SLICE]]

    def evict(self, rows: Sequence[Row], gaps: Iterable[Lost]) -> None:
        """Delete them, and remember in the same commit that they were lost."""
        with self._transaction() as db:
            db.executemany("delete from message where id = ?", ((row.id,) for row in rows))
            self._write_gaps(db, gaps)

    def is_full(self) -> bool:
        return self.used_bytes() > self._most_bytes

    def used_bytes(self) -> int:
        """Of the file, without what is free in it."""
        pages, free, size = (
            self._db.execute(f"pragma {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def set_aside(self) -> None:
        """The file is not what it was: keep it for whoever wants to look, in place of the last such one."""
        self.close()
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(FileNotFoundError):
                os.replace(f"{self._path}{suffix}", self._folder / f"{ASIDE}{suffix}")  # noqa: PTH105 - as text: a path has no suffix to add

    def close(self) -> None:
        if self._connection is not None:
            connection, self._connection = self._connection, None
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    @property
    def _db(self) -> sqlite3.Connection:
        if self._connection is None:
            raise sqlite3.OperationalError("the outbox is not open")
        return self._connection

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        db = self._db
        db.execute("begin immediate")
        try:
            yield db
            db.execute("commit")
        except BaseException:
            with contextlib.suppress(sqlite3.Error):
                db.execute("rollback")
            raise


def _values(message: Message) -> tuple[object, ...]:
    return (message.run_id, message.seq, message.kind, message.topic, message.payload, message.retain)


def _message(held: Sequence[object]) -> Message:
    run_id, seq, kind, topic, payload, retain = held
    return Message(kind, topic, payload, bool(retain), run_id, seq)  # type: ignore[arg-type]  # as `_values` wrote them


def _sync(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
