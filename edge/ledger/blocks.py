"""The file format of a ledger: segments of blocks, each chained to the one before it by its hash.

A block: a head of fixed size (little-endian; see `_HEAD`), its packed entries, and the sha256 of the head. The head
holds the sha256 of what is packed and the hash of the block before: so a block's hash stands for all that was said
until then. Entries are lines of JSON, packed by zlib. A block of the other kind is a checkpoint: one line of JSON,
signed with the machine's own key. Each segment begins with one.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

MAGIC = b"SLB1"
SUFFIX = ".ledger"
MOST_PACKED = 8_000_000
"""Bytes of one block."""
MOST_LINES = 64_000_000
"""Bytes of its lines: what unpacks to more is no block of ours."""

Kind = Literal[0, 1, 2]
ENTRIES: Kind = 0
CHECKPOINT: Kind = 1
FINDINGS: Kind = 2
"""Entries that say in what state the ledger was found at a start."""

_HEAD = struct.Struct("<4sB3xIQQIqq32s32s32s")
_DIGEST = 32
START = bytes(_DIGEST)
"""What stands for the block before the first one."""
LEAST = _HEAD.size + _DIGEST


class NoBlock(ValueError):
    """What should be a block is none. `torn`: it may be one that was not written to its end."""

    def __init__(self, why: str, torn: bool = False) -> None:
        super().__init__(why)
        self.torn = torn


@dataclass(frozen=True, slots=True)
class Block:
    """One block. `number` counts blocks, `first` is the number of its first entry, `count` how many it has; the wall
    clock and the machine's own clock were read together; `before` and `hash` are the chain's."""

    kind: int
    number: int
    first: int
    count: int
    utc_ms: int
    at_ns: int
    run_id: str
    before: bytes
    hash: bytes
    packed: bytes | memoryview

    @property
    def size(self) -> int:
        return LEAST + len(self.packed)

    def lines(self) -> list[bytes]:
        """Its entries, or its checkpoint. Raises ValueError where they cannot be unpacked."""
        if self.kind == CHECKPOINT:
            return [bytes(self.packed)]
        unpacking = zlib.decompressobj()
        try:
            raw = unpacking.decompress(self.packed, MOST_LINES)
        except zlib.error as error:
            raise ValueError(f"block {self.number}: {error}") from None
        if not unpacking.eof:
            raise ValueError(f"block {self.number}: more than {MOST_LINES} bytes")
        return raw.splitlines()


def encode(
    kind: Kind, number: int, first: int, utc_ms: int, at_ns: int, run_id: str, before: bytes, lines: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """A block's bytes, and its hash."""
    packed = lines[0] if kind == CHECKPOINT else zlib.compress(b"\n".join(lines), 6)
    count = 0 if kind == CHECKPOINT else len(lines)
    return bind(kind, number, first, count, utc_ms, at_ns, run_id, before, packed)


def bind(
    kind: int, number: int, first: int, count: int, utc_ms: int, at_ns: int, run_id: str, before: bytes, packed: bytes
) -> tuple[bytes, bytes]:
    """What is packed already as a block behind the one whose hash is `before`: its bytes, and its hash."""
    digest = hashlib.sha256(packed).digest()
    name = run_id.encode()[:32]
    head = _HEAD.pack(MAGIC, kind, len(packed), number, first, count, utc_ms, at_ns, name, before, digest)
    own = hashlib.sha256(head).digest()
    return head + packed + own, own


def decode(raw: memoryview, at: int) -> Block:
    """The block that begins at `at`. Raises NoBlock where it is none, or not whole."""
    if len(raw) - at < LEAST:
        raise NoBlock(f"{len(raw) - at} bytes are left, too few for a block", torn=True)
    fields = _HEAD.unpack_from(raw, at)
    magic, kind, length, number, first, count, utc_ms, at_ns, name, before, digest = fields
    begin, end = at + _HEAD.size, at + _HEAD.size + length
    if magic != MAGIC or length > MOST_PACKED:
        raise NoBlock("no block begins here", torn=not any(raw[at : at + LEAST]))
    if len(raw) < end + _DIGEST:
        raise NoBlock("the block is not there to its end", torn=True)
    own = bytes(raw[end : end + _DIGEST])
    if hashlib.sha256(raw[at:begin]).digest() != own:
        raise NoBlock(f"the head of block {number} was changed")
    if hashlib.sha256(raw[begin:end]).digest() != digest:
        raise NoBlock(f"the entries of block {number} were changed")
    run_id = name.rstrip(b"\0").decode("utf-8", "replace")
    return Block(kind, number, first, count, utc_ms, at_ns, run_id, before, own, raw[begin:end])


def blocks(raw: memoryview) -> Iterator[tuple[int, Block]]:
    """The blocks of a segment, each with where it begins. Raises NoBlock at the first that is none."""
    at = 0
    while at < len(raw):
        block = decode(raw, at)
        yield at, block
        at += block.size


def segments(folder: Path) -> list[Path]:
    """A ledger's, in order. `folder` holds it, or is the history folder that holds the ledger's."""
    found = sorted(ledger_in(folder).glob(f"*{SUFFIX}"))
    return [path for path in found if path.stem.isdecimal()]


def segment_name(first: int) -> str:
    """Of the segment that begins with this block: names sort as they count."""
    return f"{first:012d}{SUFFIX}"


def ledger_in(folder: Path) -> Path:
    """The ledger's own folder."""
    return folder / "ledger" if (folder / "ledger").is_dir() else folder
