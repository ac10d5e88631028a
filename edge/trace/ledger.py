"""The decision ledger of a run: every fruit's decision once its outcome is known, and every event, in signed order.

The line's thread, and whoever else has something to say, lay records in a bounded queue and never wait; a thread of its
own packs and writes them. Where the queue is full the ledger says how many are missing.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.config import Profile
from edge.datapath import GateClosed, Incident, Outcome, Record, StepInputs, Track, Verdict
from edge.incidents import CATALOGUE
from edge.ledger.entries import Entry, Event, Json
from edge.ledger.packing import pack
from edge.ledger.reading import last_said
from edge.ledger.writing import LedgerWriter, Times
from edge.log import Log
from edge.trace.decisions import Decisions
from edge.trace.origins import begun, bundle_said, changed, profile_said

NS = 1_000_000_000
WRITE_NS = 2 * NS
"""A power cut, or a kill, takes what was not written yet: at most about this much, and fruit whose pictures are being
written."""
CHECKPOINT_NS = 600 * NS
REST_NS = NS // 4
PUZZLED_NS = 10 * NS
"""So long after a record that could not be taken it does not count as well: whoever asks, asks every second."""
MOST_QUEUED = 20_000
MOST_HELD = 20_000
"""Entries while the disk takes nothing: a quarter of an hour at 20 fruit/s."""

_A_BLOCK = 1_000
_KINDS = frozenset((Track, Verdict, Outcome, GateClosed, Incident, Event))


@dataclass(frozen=True, slots=True)
class Begun:
    """What a ledger is told of its run. `bundle` is `name@digest`, in `bundle_folder`; `ended` how the last run did."""

    profile: Profile
    run_id: str
    bundle: str
    bundle_folder: Path
    ended: str | None = None


class Ledger:
    """A RecordSink. `put` may be called from any thread, `step` from one that may wait; `close` from the same one."""

    def __init__(
        self,
        begun_by: Begun,
        times: Callable[[], Times],
        kept: Callable[[str], int | None] = lambda track_id: 0,
        opened: Callable[..., LedgerWriter] = LedgerWriter,
    ) -> None:
        """`times` reads both clocks, `kept` tells how many pictures of a fruit are kept, None while that is open. The
        profile names a history. Nothing is written, nor even looked at, before the first step."""
        assert begun_by.profile.history.folder is not None
        self._run = begun_by
        self.folder: Path = begun_by.profile.history.folder
        self._times = times
        self._opened = opened
        self._queue: deque[Record | Event] = deque()
        self._decisions = Decisions(kept)
        self._held: list[Entry] = []
        self._origins: list[Event] = []
        self._is_explained = False
        self._writer: LedgerWriter | None = None
        self._refused = self._told = 0
        self._write_ns = self._sign_ns = 0
        self._well = self._understands = True
        self._puzzled_until_ns = 0
        self._log = Log("ledger")

    def put(self, record: Record) -> None:
        """Take one record, or an event. Never blocks, never raises."""
        if type(record) in _KINDS or (isinstance(record, StepInputs) and (record.adopted or record.sampling)):
            if len(self._queue) < MOST_QUEUED:
                self._queue.append(record)
            else:
                self._refused += 1

    def well(self) -> bool:
        """Whether it could write when it last tried, or has not tried yet, and has understood all it was given of late.
        Any thread."""
        return self._well and self._understands

    def step(self, now_ns: int) -> int:
        """Write what is due; returns when to be called again. Never raises."""
        for _ in range(len(self._queue)):
            self._understand(self._take, self._queue.popleft(), now_ns)
        self._understand(self._wait, now_ns, now_ns)
        self._understands = now_ns >= self._puzzled_until_ns
        if now_ns >= self._write_ns:
            self._write_ns = now_ns + WRITE_NS
            is_due = now_ns >= self._sign_ns
            if self._try(self._write) and is_due:
                self._sign_ns = now_ns + CHECKPOINT_NS
                self._try(self._sign)
        return now_ns + REST_NS

    def close(self) -> None:
        """Write what is left, and sign it. Never raises."""
        self.step(0)
        self._understand(self._end, self._run.run_id, 0)
        writer = self._writer if self._try(self._write) else None
        if writer:
            self._try(lambda: writer.close(self._times()))
        self.abandon()

    def abandon(self) -> None:
        """As a process leaves it that is killed."""
        if self._writer:
            self._writer.abandon()

    def _understand(self, deed: Callable[[Any], None], given: object, now_ns: int) -> None:
        """Whatever goes wrong with one record costs that one, and is counted among the lost."""
        try:
            deed(given)
        except Exception as error:
            self._refused += 1
            self._puzzled_until_ns = now_ns + PUZZLED_NS
            if self._understands:
                with contextlib.suppress(Exception):
                    self._log.warning("does not understand what it is given", of=type(given).__name__, why=repr(error))
            self._understands = False

    def _wait(self, now_ns: int) -> None:
        self._held += self._decisions.wait(now_ns)

    def _end(self, run_id: str) -> None:
        self._held += [*self._decisions.end(), Event(self._times()[1], "ended", about=run_id)]

    def _take(self, record: Record | Event) -> None:
        if isinstance(record, Event):
            self._held.append(record)
        elif isinstance(record, Incident):
            entry = CATALOGUE[record.code]
            said: dict[str, Json] = {"state": record.state, "severity": entry.severity, "figures": {**record.figures}}
            self._held.append(Event(record.at_ns, "incident", why=entry.why, about=record.code, said=said))
        elif isinstance(record, StepInputs):
            if record.adopted:
                self._adopt(record.adopted.bundle, Path(record.adopted.folder), record.now_ns)
            if record.sampling:
                self._held.append(Event(record.now_ns, "audit_rate", said={"share": record.sampling.share}))
        else:
            self._held += self._decisions.take(record)

    def _adopt(self, bundle: str, folder: Path, at_ns: int) -> None:
        said = bundle_said(bundle, folder, self._updates, at_ns)
        self._held += [Event(at_ns, "adopted", said[1].who, said[1].why, bundle, {"folder": str(folder)}), *said]
        self._origins = [*self._origins[:1], *said]

    @property
    def _updates(self) -> Path | None:
        update = self._run.profile.update
        return update.folder if update.source is not None else None

    def _open(self) -> LedgerWriter:
        """What is new with this run stands before all else."""
        run, (_, at_ns) = self._run, self._times()
        before = last_said(self.folder, ("profile", "bundle", "release"))
        writer = self._opened(self.folder, run.run_id, run.profile.history.ledger_bytes, self._carried)
        profile = profile_said(run.profile, at_ns)
        now = [profile, *bundle_said(run.bundle, run.bundle_folder, self._updates, at_ns)]
        known = [] if writer.begins_anew else [(event.kind, event.about) for event in before.values()]
        said = [event for event in now if (event.kind, event.about) not in known]
        change = changed(before["profile"], profile) if "profile" in before else None
        self._held[:0] = [begun(run.profile, run.run_id, run.ended, at_ns), *([change] if change else ()), *said]
        self._origins = self._origins or now
        return writer

    def _carried(self) -> list[Event]:
        """What a segment begins with, so that it explains itself."""
        return self._origins if self._is_explained else []

    def _write(self) -> None:
        try:
            if self._writer is None:
                self._writer = self._open()
            if self._refused > self._told:
                lost, self._told = self._refused - self._told, self._refused
                self._held.append(Event(self._times()[1], "lost", about="ledger", said={"entries": lost}))
            while self._held:
                self._writer.append(self._held[:_A_BLOCK], self._times())
                del self._held[:_A_BLOCK]
                self._is_explained = True
        except (TypeError, ValueError):
            self._drop([entry for entry in self._held if not _is_writable(entry)])
            raise
        except OSError:
            self._drop(self._held[: max(0, len(self._held) - MOST_HELD)])  # the oldest go
            raise

    def _drop(self, entries: Sequence[Entry]) -> None:
        gone = set(map(id, entries))
        self._held = [entry for entry in self._held if id(entry) not in gone]
        self._refused += len(gone)

    def _sign(self) -> None:
        assert self._writer is not None
        self._writer.checkpoint(self._times())
        number, digest = self._writer.last
        self._log.info("signed", block=number, hash=digest)

    def _try(self, deed: Callable[[], object]) -> bool:
        try:
            deed()
        except Exception as error:
            self._say(well=False, why=error.strerror if isinstance(error, OSError) and error.strerror else error)
            return False
        self._say(well=True)
        return True

    def _say(self, well: bool, **what: object) -> None:
        if well != self._well:
            self._well = well
            with contextlib.suppress(Exception):
                if well:
                    self._log.info("writes again")
                else:
                    self._log.warning("cannot write: decisions wait in memory", folder=self.folder, **what)


def _is_writable(entry: Entry) -> bool:
    try:
        pack(entry)
    except (TypeError, ValueError):
        return False
    return True
