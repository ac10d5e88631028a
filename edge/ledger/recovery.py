"""Where a ledger ends: read from its last segments alone, so that a start is as quick after a year as after a day."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edge.ledger.blocks import CHECKPOINT, START, Block, NoBlock, blocks, segments
from edge.ledger.checkpoint import Head, checkpoint_of

DAMAGED = ".damaged"
"""Of a segment that was set aside."""


GONE = "and are gone"
"""In what is said of blocks that should be there."""


@dataclass(frozen=True, slots=True)
class End:
    """The last whole block: its `number` (-1: there is none), the number of the entry that comes `next`, its hash, and
    with which block the chain `begins`. `path` is its segment and `size` what is whole of that; `left` bytes follow,
    which are no block; `whole`: those are a block that was not written to its end, or none. `utc_ms`: when the last
    block was written."""

    number: int = -1
    next: int = 0
    hash: bytes = START
    begins: int = 0
    path: Path | None = None
    size: int = 0
    left: int = 0
    whole: bool = True
    utc_ms: int = 0

    def faults(self, head: Head | None) -> list[str]:
        """What a reader must be told of how it was found."""
        found = []
        if self.left:
            what = "was not written to its end and was cut off" if self.whole else "is damaged and was left as it is"
            found.append(f"what follows block {self.number} ({self.left} bytes) {what}")
        if head and head.number > self.number:
            found.append(f"blocks {self.number + 1} to {head.number} were written before, {GONE}")
        return found


def last_end(ledger: Path) -> End:
    """Raises OSError. A segment that was begun when the power went is deleted; one whose beginning is damaged is set
    aside."""
    for path in reversed(segments(ledger)):
        end = _end_of(path)
        if end.number >= 0:
            return end
        if _follows(path.read_bytes(), 0):
            path.rename(path.with_suffix(DAMAGED))
        else:
            path.unlink()
    return End()


def _end_of(path: Path) -> End:
    raw = path.read_bytes()
    last: Block | None = None
    size, begins, whole = 0, 0, True
    try:
        for at, block in blocks(memoryview(raw)):
            last, size = block, at + block.size
            if block.kind == CHECKPOINT:
                begins = checkpoint_of(block.lines()[0])[0].begins
    except NoBlock as fault:
        whole = fault.torn or not _follows(raw, size)
    except ValueError:
        whole = False
    if last is None:
        return End()
    return End(last.number, last.first + last.count, last.hash, begins, path, size, len(raw) - size, whole, last.utc_ms)


def _follows(raw: bytes, at: int) -> bool:
    """Whether a whole block comes later: then a power cut has not done this."""
    while (at := raw.find(b"SLB1", at + 1)) >= 0:
        try:
            next(blocks(memoryview(raw)[at:]))
        except (NoBlock, StopIteration):
            continue
        return True
    return False
