"""The black box: takes each step's inputs and what the line made of them, and writes them in segments.

The line's thread lays records in a bounded queue and never waits; a thread of its own packs and writes them. Where the
queue is full, or a segment cannot be written, there is a gap. Every segment begins with what the line remembered, so a
replay goes on behind a gap, and begins in mid-run once the oldest segments are gone.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.bundle import Bundle
from edge.config import Profile
from edge.datapath import GatePulse, Incident, Look, Record, StepInputs, Track, Verdict
from edge.log import Log
from edge.trace.header import header_of
from edge.trace.memory import freeze
from edge.trace.packing import pack_inputs, pack_made
from edge.trace.segments import MAGIC, pack_end, pack_entry
from edge.trace.store import Store

NS_PER_S = 1_000_000_000
SEGMENT_NS = 2 * NS_PER_S
"""A power cut takes what was not written yet: at most about this much."""

_REST_NS = 50_000_000
_QUEUE_BYTES = 64_000_000
"""Of frames that wait, whose memory their crops hold: 2 s of 640 x 480 at 30 frames/s."""

_QUEUE_RECORDS = 20_000

_Kept = StepInputs | Look | Track | Verdict | GatePulse | Incident


@dataclass(frozen=True, slots=True)
class _Begin:
    at_ns: int
    memory: Any
    lost: int


class Recorder:
    """A RecordSink. `put` and `between` belong to the line's thread, `step` to another one; `close` to whoever has seen
    both end. `kinds`: the classes that a line's memory is made of."""

    def __init__(self, store: Store, kinds: Iterable[type]) -> None:
        self._store = store
        self._kinds = tuple(kinds)
        self._log = Log("recorder")
        self._queue: deque[_Kept | _Begin] = deque()
        # Each is written by one thread alone: their difference is what waits.
        self._put_bytes = 0
        self._packed_bytes = 0
        self._recording = False
        self._next_ns = 0
        self._lost = 0
        self._failed = False
        self._begin: _Begin | None = None
        self._entries: list[bytes] = []
        self._number = 0
        self._well = True

    def put(self, record: Record) -> None:
        """Take one record. Never blocks, never raises."""
        if isinstance(record, StepInputs):
            size = record.frame.pixels.nbytes if record.frame else 0
            if self._waiting() + size > _QUEUE_BYTES or len(self._queue) > _QUEUE_RECORDS:
                self._recording = False
            if not self._recording:
                self._lost += 1
                return
            self._put_bytes += size
        elif not self._recording or not isinstance(record, (Look, Track, Verdict, GatePulse, Incident)):
            return
        self._queue.append(record)

    def between(self, now_ns: int, memory: Callable[[], dict[str, object]]) -> None:
        """Before a step: begin the next segment if it is time, or there is room again. Never blocks, never raises."""
        if self._failed or (self._recording and now_ns < self._next_ns):
            return
        if not self._recording and self._queue and 2 * self._waiting() > _QUEUE_BYTES:
            return
        try:
            frozen = freeze(memory(), self._kinds)
        except Exception as error:
            self._failed, self._recording = True, False
            self._log.warning("cannot record this line", why=error)
            return
        self._queue.append(_Begin(now_ns, frozen, self._lost))
        self._recording, self._lost, self._next_ns = True, 0, now_ns + SEGMENT_NS

    def step(self, now_ns: int) -> int:
        """Pack what waits and write the segments that are full; returns when to be called again. Never raises."""
        while self._queue:
            record = self._queue.popleft()
            try:
                self._take(record)
            except Exception as error:
                # Without one of its entries a segment is worth nothing: it is missing, and the next one is whole.
                self._begin, self._entries = None, []
                self._number += 1
                self._say(well=False, why=f"{type(error).__name__}: {error}")
            if isinstance(record, StepInputs) and record.frame:
                self._packed_bytes += record.frame.pixels.nbytes
        return now_ns + _REST_NS

    def well(self) -> bool:
        """Whether it could write when it last tried, or has not tried yet. Any thread."""
        return self._well and not self._failed

    def close(self) -> None:
        """Write what is left. Never raises."""
        self.step(0)
        self._write()

    def _waiting(self) -> int:
        return self._put_bytes - self._packed_bytes

    def _take(self, record: _Kept | _Begin) -> None:
        if isinstance(record, _Begin):
            self._write()
            self._begin = record
            fields = {"kind": "begin", "at_ns": record.at_ns, "lost": record.lost, "memory": record.memory}
            self._entries.append(pack_entry(fields))
        elif self._begin is not None:
            entry = pack_inputs(record) if isinstance(record, StepInputs) else (pack_made(record), b"")
            self._entries.append(pack_entry(*entry))

    def _write(self) -> None:
        """Write the segment in hand. One that cannot be written is missing from the row of their numbers."""
        begin, self._begin = self._begin, None
        entries, self._entries = self._entries, []
        if begin is None:
            return
        number, self._number = self._number, self._number + 1
        try:
            self._store.write(number, begin.at_ns, (MAGIC, *entries, pack_end(len(entries))))
            self._say(well=True)
        except OSError as error:
            self._say(well=False, why=error.strerror or error, folder=self._store.run)

    def _say(self, well: bool, **what: object) -> None:
        if well != self._well:
            self._well = well
            with contextlib.suppress(Exception):
                if well:
                    self._log.info("records again")
                else:
                    self._log.warning("cannot write: what happens now is not recorded", **what)


def open_recorder(folder: Path, profile: Profile, run_id: str, bundle: Bundle, kinds: Iterable[type]) -> Recorder:
    """The recorder of a run that starts now. Nothing is written, nor even looked at, before its first segment."""
    header, limits = header_of(profile, run_id, bundle), profile.recorder
    store = Store(folder, header.folder_name, header.model_dump(), limits.minutes, limits.bytes)
    return Recorder(store, kinds)
