"""The outbox's first line of defence: a file in memory that outlives the process, though not the computer.

A message is copied into a mapped file as it is put, without a system call and without waiting: SIGKILL loses nothing.
Two files take turns: one takes what comes, the other holds what the next commit brings to the disk. They belong on a
tmpfs (systemd's RuntimeDirectory), where they wear no SD card; after a power cut they are worth nothing anyway.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import marshal
import mmap
import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.telemetry.messages import Message

SIZE = 4 << 20
"""A file's: 8,000 messages, of one commit's interval."""
MOST_LEFT = 8
"""Files of runs that ended badly and could not be saved since: a disk that stays full."""

_MAGIC = b"sorter1\n"
_HEAD = struct.Struct("<8sQ36s32sQQQQ")
_COUNTS = struct.Struct("<QQQQ")
_COUNTS_AT = _HEAD.size - _COUNTS.size
_RECORD = struct.Struct("<II")
_MARSHAL = 4
_SUFFIX = ".journal"


@dataclass(frozen=True, slots=True)
class Noted:
    """A message as it was put: its draft under `key`, or the message itself, which settles what `key` names."""

    message: Message
    key: str | None
    is_draft: bool


@dataclass(frozen=True, slots=True)
class Left:
    """What a run left in one file. First and last number of a greeting that the broker had not taken, and of messages
    for which no file had room; 0 where there were none."""

    generation: int
    run_id: str
    boot: str
    greeting: tuple[int, int]
    unnoted: tuple[int, int]
    noted: tuple[Noted, ...]


class Journal:
    """One mapped file. All methods under its owner's lock; none waits. Raises OSError where it cannot be made."""

    def __init__(self, path: Path, run_id: str, boot: str, generation: int, size: int = SIZE) -> None:
        self._path = path
        self._end = _HEAD.size
        self._names = (boot.encode()[:36], run_id.encode()[:32])
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (
                os.write(self._file, bytes(size)) < size
            ):  # room that is not there would kill the process later, by SIGBUS
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            self._map = mmap.mmap(self._file, size)
        except OSError:
            _let_go(self._file, path)
            raise
        self.clear(generation)

    def add(self, noted: Noted) -> bool:
        """False where there is no room."""
        message = noted.message
        told = (message.kind, message.topic, message.payload, message.retain, message.run_id, message.seq)
        body = marshal.dumps((told, noted.key, noted.is_draft), _MARSHAL)
        begin = self._end + _RECORD.size
        end = begin + len(body)
        if end + _RECORD.size > len(self._map):
            return False
        self._map[begin:end] = body
        _RECORD.pack_into(self._map, end, 0, 0)
        _RECORD.pack_into(self._map, self._end, zlib.crc32(body, self._generation), len(body))
        self._end = end
        return True

    def count(self, greeting: tuple[int, int], unnoted: tuple[int, int]) -> None:
        """What the file says beside its messages, as `Left` has it."""
        _COUNTS.pack_into(self._map, _COUNTS_AT, *greeting, *unnoted)

    def clear(self, generation: int) -> None:
        """Forget all messages: they are saved elsewhere, or with the broker. What comes is of another generation."""
        self._generation = generation
        self._end = _HEAD.size
        _RECORD.pack_into(self._map, self._end, 0, 0)
        _HEAD.pack_into(self._map, 0, _MAGIC, generation, *self._names, 0, 0, 0, 0)

    def close(self, *, keep: bool) -> None:
        """Let go of the file, and delete it unless the next run is to find it."""
        self._map.close()
        file, self._file = self._file, -1
        _let_go(file, None if keep else self._path)


class Journals:
    """The two files of this run, and what earlier runs left. `add` and `greet` under the owner's lock. Raises OSError
    where they cannot be made."""

    def __init__(self, folder: Path, run_id: str, boot: str, size: int = SIZE) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = sorted(folder.glob(f"*{_SUFFIX}"), key=_number)
        number = _number(there[-1]) + 1 if there else 1
        self._found = [path for path in there if not _is_held(path)]
        left = [left for path in self._found if (left := _read(path))]
        self.left = tuple(sorted(left, key=lambda each: each.generation))
        self._generation = max((each.generation for each in left), default=0) + 2
        for path in self._found[:-MOST_LEFT]:
            path.unlink(missing_ok=True)
        self._active, self._idle = (
            Journal(folder / f"{number + n:06d}{_SUFFIX}", run_id, boot, self._generation - 1 + n, size) for n in (0, 1)
        )
        self._greeting = (0, 0)
        self._unnoted = [(0, 0), (0, 0)]

    def add(self, noted: Noted) -> None:
        """Note a message; where the file is full, only its number."""
        if not self._active.add(noted):
            self._unnoted[0] = _joined(self._unnoted[0], noted.message.seq)
            self._count()

    def greet(self, first: int, last: int) -> None:
        """A greeting with these numbers is on its way; 0, 0 once the broker has it, or it was marked as lost."""
        self._greeting = (first, last)
        self._count()

    def turn(self) -> None:
        """All that the idle file holds is saved: it takes what comes from now on."""
        self._generation += 1
        self._idle.clear(self._generation)
        self._active, self._idle = self._idle, self._active
        self._unnoted = [(0, 0), self._unnoted[0]]
        self._count()

    def drop_left(self) -> None:
        """What earlier runs left is saved. Not under the lock: it may wait for the disk."""
        for path in self._found:
            path.unlink(missing_ok=True)
        self._found = []

    def close(self, *, keep: bool) -> None:
        """The run ends. `keep`: what the files hold is not saved, so the next run is to find it."""
        self._active.close(keep=keep)
        self._idle.close(keep=keep)

    def _count(self) -> None:
        seqs = [seq for pair in self._unnoted for seq in pair if seq]
        unnoted = (min(seqs), max(seqs)) if seqs else (0, 0)
        for journal in (self._active, self._idle):
            journal.count(self._greeting, unnoted)


def _joined(pair: tuple[int, int], seq: int) -> tuple[int, int]:
    return (min(pair[0] or seq, seq), max(pair[1], seq))


def _number(path: Path) -> int:
    return int(path.stem) if path.stem.isdecimal() else 0


def _let_go(file: int, path: Path | None) -> None:
    with contextlib.suppress(OSError):
        os.close(file)
        if path:
            path.unlink()


def _is_held(path: Path) -> bool:
    """Whether a process that lives writes it."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def _read(path: Path) -> Left | None:
    """None where it is no journal of ours."""
    try:
        data = path.read_bytes()
        magic, generation, boot, run_id, *counts = _HEAD.unpack_from(data)
    except (OSError, struct.error):
        return None
    if magic != _MAGIC:
        return None
    run, booted = (name.rstrip(b"\0").decode("ascii", "replace") for name in (run_id, boot))
    return Left(
        generation, run, booted, (counts[0], counts[1]), (counts[2], counts[3]), tuple(_records(data, generation))
    )


def _records(data: bytes, generation: int) -> Iterator[Noted]:
    at = _HEAD.size
    while at + _RECORD.size <= len(data):
        crc, length = _RECORD.unpack_from(data, at)
        body = data[at + _RECORD.size : at + _RECORD.size + length]
        if length == 0 or len(body) < length or zlib.crc32(body, generation) != crc:
            return
        try:
            told, key, is_draft = marshal.loads(body)
            noted = Noted(Message(*told), key, is_draft)
        except (EOFError, TypeError, ValueError):  # another version wrote it
            return
        yield noted
        at += _RECORD.size + length
