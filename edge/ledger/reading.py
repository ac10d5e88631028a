"""Reading a ledger: its entries in the order in which they were written, with their wall time and their run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from edge.errors import LedgerFault, UsageFault
from edge.ledger.blocks import CHECKPOINT, Block, NoBlock, blocks, segments
from edge.ledger.entries import Event, Stamped
from edge.ledger.packing import unpack

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read(folder: Path, since_utc: datetime | None = None, until_utc: datetime | None = None) -> Iterator[Stamped]:
    """A machine's history folder, or the ledger in it. `since_utc` counts, `until_utc` does not. A last block that was
    not written to its end is passed over: a run may be writing it.

    Raises UsageFault where there is no ledger, LedgerFault at the first block that is not as it was written. Of what
    `sorter audit verify` checks beside, nothing: it does not follow the chain.
    """
    paths = segments(folder)
    if not paths:
        raise UsageFault(f"{folder}: no ledger here; give a machine's history folder")
    for path in paths:
        for block in _blocks(path, is_last=path == paths[-1]):
            if block.kind == CHECKPOINT or (since_utc and _utc(block.utc_ms) < since_utc):
                continue  # no entry is later than its block
            for stamped in _entries(path, block):
                if (since_utc is None or stamped.utc >= since_utc) and (until_utc is None or stamped.utc < until_utc):
                    yield stamped


def placed(folder: Path, wanted: Callable[[bytes], bool]) -> Iterator[tuple[Block, Stamped | None]]:
    """The entries whose line is wanted, each with its block; checkpoints with None. Raises as `read`."""
    paths = segments(folder)
    if not paths:
        raise UsageFault(f"{folder}: no ledger here; give a machine's history folder")
    for path in paths:
        for block in _blocks(path, is_last=path == paths[-1]):
            if block.kind == CHECKPOINT:
                yield block, None
                continue
            for stamped in _entries(path, block, wanted):
                yield block, stamped


def last_said(folder: Path, kinds: Sequence[str]) -> dict[str, Event]:
    """The newest event of each kind in the last segment, which says again what it takes to understand it. What is
    damaged is passed over."""
    found: dict[str, Event] = {}
    for path in segments(folder)[-1:]:
        with suppress(LedgerFault):
            for block in _blocks(path, is_last=True):
                entries = () if block.kind == CHECKPOINT else _entries(path, block)
                found |= {e.kind: e for s in entries if isinstance(e := s.entry, Event) and e.kind in kinds}
    return found


def _blocks(path: Path, is_last: bool) -> Iterator[Block]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return  # it had to make room meanwhile
    except OSError as error:
        raise LedgerFault(f"{path}: cannot be read: {error.strerror}") from None
    try:
        for _, block in blocks(memoryview(raw)):
            yield block
    except NoBlock as fault:
        if not (fault.torn and is_last):
            raise LedgerFault(f"{path}: {fault}; `sorter audit verify` says more") from None


def _entries(path: Path, block: Block, wanted: Callable[[bytes], bool] = lambda line: True) -> Iterator[Stamped]:
    try:
        for line in filter(wanted, block.lines()):
            entry = unpack(line)
            yield Stamped(_utc(block.utc_ms + (entry.at_ns - block.at_ns) / 1e6), block.run_id, entry)
    except (ValueError, OverflowError) as error:
        raise LedgerFault(f"{path}: block {block.number}: {error}") from None


def _utc(ms: float) -> datetime:
    return _EPOCH + timedelta(milliseconds=ms)
