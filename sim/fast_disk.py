"""The disk of a run in virtual time, which may be full for a while: its black box and its outbox are on it."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from edge.line import Line
from edge.telemetry.outbox import NS, Disk
from edge.telemetry.rows import Batch
from edge.telemetry.store import Store as OutboxStore
from edge.trace.header import header_of
from edge.trace.recorder import Recorder
from edge.trace.store import Store
from sim.faults import Faults
from sim.setup import Setup


class FullDisk(Store):
    """The recorder's store on a disk that takes nothing while `is_full` says so."""

    is_full: Callable[[], bool] = staticmethod(lambda: False)

    def write(self, number: int, began_ns: int, parts: Sequence[bytes]) -> None:
        if self.is_full():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        super().write(number, began_ns, parts)


def disk_on(folder: Path | None, faults: Faults, now_ns: Callable[[], int]) -> Disk | None:
    """An outbox's, in a folder of this run's own: who is killed here holds its files on. None without one."""
    if folder is None:
        return None

    class FullStore(OutboxStore):
        """Commits nothing while the disk is full."""

        def commit(self, batch: Batch, at_s: int) -> list[int]:
            if faults.holds("disk-full", now_ns()):
                raise sqlite3.OperationalError("database or disk is full")
            return super().commit(batch, at_s)

    return Disk(folder / "outbox", folder / "run", 1 << 30, 1e6, 2 * NS, "boot", FullStore)


def open_black_box(
    setup: Setup, run_id: str, folder: Path | None, faults: Faults, now_ns: Callable[[], int]
) -> Recorder | None:
    """None where nothing is to be recorded: without a folder, and at levels that have no crops."""
    if folder is None or setup.bundle is None or setup.perception != "pixels":
        return None
    header, limits = header_of(setup.profile, run_id, setup.bundle), setup.profile.recorder
    store = FullDisk(folder, header.folder_name, header.model_dump(), limits.minutes, limits.bytes)
    store.is_full = lambda: faults.holds("disk-full", now_ns())
    return Recorder(store, Line.REMEMBERED)
