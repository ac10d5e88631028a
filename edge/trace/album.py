"""Kept pictures on the disk: so many bytes a day, for so many days, and the least useful go first.

All methods belong to one thread, which may wait for the disk. A fruit is written into a folder that nobody reads, and
renamed: a power cut leaves it there or not there.
"""

from __future__ import annotations

import contextlib
import errno
import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from edge.durable import sync, write_whole
from edge.kept import (
    TRACK,
    WHYS,
    WORDS,
    Kept,
    Why,
    Word,
    decode,
    decode_words,
    encode,
    encode_words,
    fruit_folders,
    read_fruit,
    said,
)

_PART = ".part-"
_LEAST_FREE = 100_000_000
"""Bytes of the disk that are left to others, who lose more without them."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One fruit on the disk. `judges`: who has said what it is; `bytes`: what it takes."""

    day: str
    track_id: str
    why: Why
    at_utc: str
    bytes: int
    judges: Mapping[str, Word]

    @property
    def use(self) -> tuple[int, str]:
        """What is deleted first has the least: of what nobody has judged by the order of `Why`, the last first; then
        what was judged, which is the dearest of all; within each the oldest first."""
        return (len(WHYS) if self.judges else len(WHYS) - 1 - WHYS.index(self.why), self.at_utc)


class Album:
    """One machine's."""

    def __init__(self, folder: Path, bytes_a_day: int, days: float) -> None:
        """`folder`: `<history>/pictures`. Nothing is looked at before it is needed."""
        self._folder = folder
        self._bytes_a_day = bytes_a_day
        self._days = days
        self._held: dict[str, Entry] | None = None

    @property
    def held(self) -> dict[str, Entry]:
        """By track. The first call reads the disk."""
        if self._held is None:
            self._held = self._found()
        return self._held

    def add(self, kept: Kept, pictures: Sequence[bytes]) -> bool:
        """Write one fruit, and make room for it first; returns whether it is worth that. Raises OSError where it cannot
        be had."""
        size = sum(map(len, pictures)) + len(encode(kept))
        day = kept.at_utc[:10]
        coming = Entry(day, kept.track_id, kept.why, kept.at_utc, size, {})
        self._forget_before(day)
        if kept.track_id in self.held or not self._make_room(coming):
            return False
        try:
            self._write(kept, pictures)
        except OSError as error:
            if error.errno != errno.ENOSPC or not self._delete_less(coming, self.held.values()):
                raise
            self._write(kept, pictures)
        self.held[kept.track_id] = coming
        return True

    def note(self, word: Word) -> bool:
        """Note what a person said of a fruit that is kept; returns whether it is. Raises OSError."""
        entry = self.held.get(word.track_id)
        if entry is None:
            return False
        path = self._home(entry) / WORDS
        words = decode_words(path.read_bytes()) if path.exists() else []
        words = [one for one in words if one.user != word.user or one.flag != word.flag] + [word]
        write_whole(path, encode_words(words))
        why: Why = "flagged" if word.flag and entry.why != "audited" else entry.why
        self.held[word.track_id] = replace(entry, why=why, judges=said(words))
        return True

    def read(self, track_id: str) -> tuple[Kept, list[bytes], list[Word]] | None:
        """A fruit that is kept. One that cannot be read is as one that is not."""
        entry = self.held.get(track_id)
        if entry is None:
            return None
        try:
            kept, pictures, words = read_fruit(self._home(entry))
        except (OSError, ValueError):
            return None
        return replace(kept, why=entry.why), pictures, words

    def glance(self, track_id: str) -> Kept | None:
        """Without its pictures."""
        entry = self.held.get(track_id)
        try:
            return replace(decode((self._home(entry) / TRACK).read_bytes()), why=entry.why) if entry else None
        except (OSError, ValueError):
            return None

    def _found(self) -> dict[str, Entry]:
        found: dict[str, Entry] = {}
        for day in self._folder.glob("*-*-*"):
            for part in day.glob(f"{_PART}*"):
                shutil.rmtree(part, ignore_errors=True)
        for home in fruit_folders(self._folder):
            with contextlib.suppress(OSError, ValueError):
                entry = _entry(home)
                found[entry.track_id] = entry
        return found

    def _write(self, kept: Kept, pictures: Sequence[bytes]) -> None:
        day = self._folder / kept.at_utc[:10]
        part = day / f"{_PART}{kept.track_id}"
        try:
            part.mkdir(parents=True, exist_ok=True)
            for shot, data in zip(kept.shots, pictures, strict=True):
                (part / shot.file).write_bytes(data)
                sync(part / shot.file)
            write_whole(part / TRACK, encode(kept))
            part.rename(day / kept.track_id)
            sync(day)
        except OSError:
            shutil.rmtree(part, ignore_errors=True)
            raise

    def _make_room(self, coming: Entry) -> bool:
        taken = sum(entry.bytes for entry in self.held.values() if entry.day == coming.day)
        over = taken + coming.bytes - self._bytes_a_day
        while over > 0 and (freed := self._delete_less(coming, self._of(coming.day))):
            over -= freed
        lacks = _LEAST_FREE + coming.bytes - self._free()
        while lacks > 0 and (freed := self._delete_less(coming, self.held.values())):
            lacks -= freed
        return over <= 0 and lacks <= 0

    def _of(self, day: str) -> list[Entry]:
        return [entry for entry in self.held.values() if entry.day == day]

    def _free(self) -> int:
        there = next(path for path in (self._folder, *self._folder.parents) if path.exists())
        return shutil.disk_usage(there).free

    def _forget_before(self, day: str) -> None:
        first = (date.fromisoformat(day) - timedelta(days=max(0, math.ceil(self._days) - 1))).isoformat()
        for entry in [entry for entry in self.held.values() if entry.day < first]:
            self._delete(entry)

    def _delete_less(self, coming: Entry, entries: Iterable[Entry]) -> int:
        """Delete what is of the least use, unless all is of more than what is coming; returns the bytes that are free
        then."""
        least = min(entries, key=lambda entry: entry.use, default=None)
        if least is None or least.use[0] > coming.use[0]:
            return 0
        self._delete(least)
        return least.bytes

    def _delete(self, entry: Entry) -> None:
        shutil.rmtree(self._home(entry), ignore_errors=True)
        with contextlib.suppress(OSError):
            (self._folder / entry.day).rmdir()
        self.held.pop(entry.track_id, None)

    def _home(self, entry: Entry) -> Path:
        return self._folder / entry.day / entry.track_id


def _entry(home: Path) -> Entry:
    kept = decode((home / TRACK).read_bytes())
    words = decode_words((home / WORDS).read_bytes()) if (home / WORDS).exists() else []
    flagged = kept.why != "audited" and any(word.flag for word in words)
    size = sum(shot.bytes for shot in kept.shots) + len(encode(kept))
    return Entry(home.parent.name, home.name, "flagged" if flagged else kept.why, kept.at_utc, size, said(words))
