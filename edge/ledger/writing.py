"""Appending to a ledger: block by block, each on the disk before the next; signed now and then; the oldest goes first.

Whatever is cut off at its end by a power cut is taken away at the next start, and said in an entry. What is damaged is
left as it is: a new segment begins behind it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.durable import sync
from edge.ledger.blocks import CHECKPOINT, ENTRIES, FINDINGS, Kind, encode, segment_name, segments
from edge.ledger.checkpoint import Checkpoint, Head, machine_key, read_head, write_head
from edge.ledger.ed25519 import public_key
from edge.ledger.entries import Entry, Event
from edge.ledger.packing import pack
from edge.ledger.recovery import End, last_end

SEGMENT_BYTES = 4_000_000
"""A segment's at most, or a sixteenth of what the ledger may hold."""

Times = tuple[int, int]
"""Wall time in milliseconds and the machine's own clock in nanoseconds, read together."""


class LedgerWriter:
    """One run's, in `folder/ledger`, with the key in `folder`. One thread's, and one process's: the folder is locked.
    Raises OSError from every method; what could not be written may be given again."""

    def __init__(self, folder: Path, run_id: str, most_bytes: int, carry: Callable[[], Sequence[Event]] = list) -> None:
        """`carry`: what each segment is to begin with, so that it can be understood without the ones before it."""
        self._folder = folder / "ledger"
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock: int | None = _locked(self._folder)
        self._file: int | None = None
        self._at = 0
        self._carries = False
        try:
            self._secret = machine_key(folder)
            self._end = last_end(self._folder)
            self._mends = self._end.faults(read_head(self._folder))
        except BaseException:
            self.abandon()  # or whoever tries again finds the folder locked
            raise
        self._key = public_key(self._secret).hex()
        self._run_id = run_id
        self._most_bytes = most_bytes
        self._segment_bytes = min(SEGMENT_BYTES, most_bytes // 16)
        self._carry = carry
        self._begins = self._end.begins

    @property
    def last(self) -> tuple[int, str]:
        """Number and hash of the last block: what it was before anything is written."""
        return self._end.number, self._end.hash.hex()

    @property
    def begins_anew(self) -> bool:
        """Whether what comes next begins a segment, which has to explain itself."""
        return self._file is None and (self._end.path is None or self._is_over(self._end))

    def append(self, entries: Sequence[Entry], times: Times) -> None:
        """Write entries as one block, and wait for the disk. Whatever is wrong with what was found comes first."""
        self._ready(times)
        self._put(ENTRIES, [pack(entry) for entry in entries], times)

    def checkpoint(self, times: Times, closed: bool = False) -> None:
        """Sign what was said so far."""
        self._ready(times)
        self._sign(times, closed)

    def close(self, times: Times) -> None:
        """The last checkpoint. Let go of the folder whatever happens."""
        try:
            if self._file is not None:
                self.checkpoint(times, closed=True)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Let go of the folder, as a process does that is killed."""
        for handle in (self._file, self._lock):
            if handle is not None:
                with contextlib.suppress(OSError):
                    os.close(handle)
        self._file = self._lock = None

    def _ready(self, times: Times) -> None:
        """A segment with room, begun as it should be."""
        if self._file is None:
            self._open(times)
        elif self._at >= self._segment_bytes:
            self._turn()
        if self._at == 0:
            self._begin(times)
        if self._mends:
            said = [Event(times[1], "cut", about="ledger", said={"found": fault}) for fault in self._mends]
            self._put(FINDINGS, [pack(event) for event in said], times)
            self._mends = []
        if self._carries and (carried := self._carry()):
            self._put(ENTRIES, [pack(event) for event in carried], times)
        self._carries = False

    def _open(self, times: Times) -> None:
        end = self._end
        if end.path is None or self._is_over(end):
            self._turn()
            return
        file = os.open(end.path, os.O_RDWR | os.O_CLOEXEC)
        os.ftruncate(file, end.size)
        os.fsync(file)
        self._file, self._at = file, end.size
        self._sign(times)

    def _is_over(self, end: End) -> bool:
        return end.size >= self._segment_bytes or not end.whole

    def _turn(self) -> None:
        """The next segment, empty."""
        path = self._folder / segment_name(self._end.number + 1)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
        if self._file is not None:
            os.close(self._file)
        self._file, self._at = file, 0
        sync(self._folder)

    def _begin(self, times: Times) -> None:
        """Sign with which block the chain begins from now on; the segments before that go then."""
        there = segments(self._folder)
        sizes = {path: path.stat().st_size for path in there}
        gone: list[Path] = []
        while len(there) > 2 and sum(sizes[path] for path in there) + self._segment_bytes > self._most_bytes:
            gone.append(there.pop(0))
        if gone:
            self._begins = int(there[0].stem)
        self._carries = True  # also where the head beside the chain cannot be written: the segment has begun then
        self._sign(times)
        for path in gone:
            path.unlink()

    def _sign(self, times: Times, closed: bool = False) -> None:
        end = self._end
        said = Checkpoint(
            *(end.number + 1, end.next, *times, self._run_id[:32], end.hash.hex(), self._begins, self._key),
        )
        self._put(CHECKPOINT, [said.signed(self._secret)], times)
        write_head(self._folder, Head(number=self._end.number, hash=self._end.hash.hex(), closed=closed))

    def _put(self, kind: Kind, lines: Sequence[bytes], times: Times) -> None:
        assert self._file is not None
        end, (utc_ms, at_ns) = self._end, times
        raw, own = encode(kind, end.number + 1, end.next, utc_ms, at_ns, self._run_id, end.hash, lines)
        try:
            if os.pwrite(self._file, raw, self._at) < len(raw):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._at)
            raise
        self._at += len(raw)
        count = 0 if kind == CHECKPOINT else len(lines)
        self._end = End(end.number + 1, end.next + count, own, self._begins)


def _locked(folder: Path) -> int:
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(lock)
        raise OSError(errno.EBUSY, "another run writes it", str(folder)) from None
    return lock
