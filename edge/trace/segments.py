"""A segment: the file format of the black box. A few seconds of entries, each with its checksum, in one file.

`sorter-box 1` and a newline, then entries: three little-endian uint32 (CRC-32 of what follows the three, length of the
JSON, length of the bytes), the JSON object in UTF-8, the bytes. The first is a `begin`, the last an `end` that counts
the others: a segment without it is torn.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.trace.memory import plain
from edge.trace.packing import Entry

MAGIC = b"sorter-box 1\n"
_HEAD = struct.Struct("<III")


def pack_entry(fields: dict[str, Any], pictures: bytes = b"") -> bytes:
    """One entry. Raises TypeError for a field that is neither plain nor a frozen record."""
    text = json.dumps(fields, separators=(",", ":"), default=plain).encode()
    return _HEAD.pack(zlib.crc32(pictures, zlib.crc32(text)), len(text), len(pictures)) + text + pictures


def pack_end(entries: int) -> bytes:
    """The last entry, after so many others."""
    return pack_entry({"kind": "end", "entries": entries})


@dataclass(frozen=True, slots=True)
class Segment:
    """What could be read of one. `fault` says what is wrong with it, None of a whole one."""

    path: Path
    entries: tuple[Entry, ...]
    fault: str | None


def read_segment(path: Path) -> Segment:
    """Read as far as it is good. Never raises for what is in the file, nor where it cannot be read."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return Segment(path, (), f"cannot be read: {error.strerror}")
    if not raw.startswith(MAGIC):
        return Segment(path, (), "is no segment of a recording that this version knows")
    entries = tuple(_entries(raw))
    if not entries or entries[-1][0] != {"kind": "end", "entries": len(entries) - 1}:
        return Segment(path, entries, f"is torn or damaged after {len(entries)} entries")
    return Segment(path, entries[:-1], None)


def _entries(raw: bytes) -> Iterator[Entry]:
    """Up to the first one that is not good."""
    at = len(MAGIC)
    while at + _HEAD.size <= len(raw):
        checksum, text_length, pictures_length = _HEAD.unpack_from(raw, at)
        at += _HEAD.size
        end = at + text_length + pictures_length
        text, pictures = raw[at : at + text_length], raw[at + text_length : end]
        if end > len(raw) or zlib.crc32(pictures, zlib.crc32(text)) != checksum:
            return
        yield json.loads(text), pictures
        at = end
