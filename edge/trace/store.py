"""Recordings on disk: a folder for each run, its segments in it, and together no more than they may be.

`<folder>/<when>-<run_id>/run.json` says what ran; `<number>-<milliseconds>.box` are the segments. A file is written
whole (write, fsync, rename, fsync of the folder): a power cut leaves it there or not there. All methods belong to one
thread.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.durable import sync

RUN = "run.json"
SUFFIX = ".box"
_PART = ".part"
_MS = 1_000_000


@dataclass(frozen=True, slots=True)
class Held:
    """A segment on disk. `start_ms` on its own run's clock."""

    path: Path
    number: int
    start_ms: int
    size: int


class Store:
    """Writes one run beside the ones that are there, and deletes the oldest segments of any."""

    def __init__(self, folder: Path, name: str, header: dict[str, Any], minutes: float, most_bytes: int) -> None:
        self.run = folder / name
        self._folder = folder
        self._header = header
        self._most_ms = round(minutes * 60_000)
        self._most_bytes = most_bytes
        self._held: deque[Held] | None = None
        self._begun = False

    def write(self, number: int, start_ns: int, parts: Sequence[bytes]) -> None:
        """Write one segment, and make room for it first. Raises OSError where it cannot be had."""
        if self._held is None:
            self._held = deque(held for run in sorted(self._folder.glob(f"*/{RUN}")) for held in segments(run.parent))
        size = sum(map(len, parts))
        path = self.run / f"{number:06d}-{start_ns // _MS}{SUFFIX}"
        self._prune(size)
        try:
            self._put(path, parts)
        except OSError as error:
            if error.errno != errno.ENOSPC or not self._held:
                raise
            self._delete()  # the disk is full: what is newest is worth most
            self._put(path, parts)
        self._held.append(Held(path, number, start_ns // _MS, size))

    def _put(self, path: Path, parts: Sequence[bytes]) -> None:
        """Write a segment; before the first one, what says what ran."""
        if not self._begun:
            self.run.mkdir(parents=True, exist_ok=True)
            write_whole(self.run / RUN, [json.dumps(self._header, indent=2).encode(), b"\n"])
            self._begun = True
        write_whole(path, parts)

    def _prune(self, coming: int) -> None:
        held = self._held
        while held and (sum(each.size for each in held) + coming > self._most_bytes or _span_ms(held) > self._most_ms):
            self._delete()

    def _delete(self) -> None:
        assert self._held
        oldest = self._held.popleft().path
        with contextlib.suppress(OSError):
            oldest.unlink()
        if oldest.parent != self.run and not any(each.path.parent == oldest.parent for each in self._held):
            with contextlib.suppress(OSError):
                for left in oldest.parent.glob(f"*{_PART}"):
                    left.unlink()
                (oldest.parent / RUN).unlink()
                oldest.parent.rmdir()


def segments(run: Path) -> list[Held]:
    """The segments of a run's folder, in order. Other files are passed over."""
    return sorted(_held(run), key=lambda held: held.number)


def write_whole(path: Path, parts: Sequence[bytes]) -> None:
    """The file is there with all that it holds, or as it was before. Raises OSError."""
    part = path.with_name(path.name + _PART)
    try:
        with part.open("wb") as file:
            file.writelines(parts)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink()
        raise
    sync(path.parent)


def _held(run: Path) -> Iterator[Held]:
    for path in run.glob(f"*{SUFFIX}"):
        number, _, start_ms = path.stem.partition("-")
        if number.isdecimal() and start_ms.isdecimal():
            yield Held(path, int(number), int(start_ms), path.stat().st_size)


def _span_ms(held: deque[Held]) -> int:
    """How much of the line's time the segments cover, run by run."""
    firsts: dict[Path, int] = {}
    lasts: dict[Path, int] = {}
    for each in held:
        firsts.setdefault(each.path.parent, each.start_ms)
        lasts[each.path.parent] = each.start_ms
    return sum(lasts[run] - first for run, first in firsts.items())
