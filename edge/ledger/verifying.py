"""Whether a ledger is as its machine wrote it: block by block, from where it begins to what was signed last.

No entry is unpacked but those that say what was found wrong before: the hashes stand for the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from edge.errors import LedgerFault, UsageFault
from edge.ledger.blocks import CHECKPOINT, ENTRIES, FINDINGS, START, Block, NoBlock, blocks, ledger_in, segments
from edge.ledger.checkpoint import HEAD, PUBLIC_KEY, Checkpoint, checkpoint_of, read_head
from edge.ledger.entries import Event
from edge.ledger.packing import unpack
from edge.ledger.recovery import GONE

Progress = Callable[[int, int], None]
"""Told the bytes that were checked, and of how many."""


@dataclass(slots=True)
class Checked:
    """What stands. `first` and `last` are numbers of blocks, `hash` is the last one's; `unsigned` entries came after
    the last checkpoint; `notes` are no faults: what power cuts left was cut off."""

    key: str = ""
    segments: int = 0
    blocks: int = 0
    entries: int = 0
    checkpoints: int = 0
    bytes: int = 0
    first: int = 0
    last: int = -1
    hash: str = ""
    from_ms: int = 0
    to_ms: int = 0
    unsigned: int = 0
    notes: list[str] = field(default_factory=list)


def verify(
    folder: Path, key: str | None = None, head: str | None = None, told: Progress = lambda done, of: None
) -> Checked:
    """`key`: the machine's public key as it was noted elsewhere; `head`: `NUMBER:HASH` of a block, as an earlier check
    said it. Raises LedgerFault at the first fault, UsageFault where there is no ledger."""
    paths = segments(folder)
    if not paths:
        raise UsageFault(f"{folder}: no ledger here; give a machine's history folder")
    verifying = _Verifying(ledger_in(folder), key or _noted(folder), head)
    of = sum(path.stat().st_size for path in paths)
    for path in paths:
        for block in _blocks(path):
            verifying.take(path, block)
        verifying.found.bytes += path.stat().st_size
        verifying.found.segments += 1
        told(verifying.found.bytes, of)
    return verifying.end()


def _noted(folder: Path) -> str | None:
    """The key that lies beside the ledger."""
    try:
        return (ledger_in(folder).parent / PUBLIC_KEY).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None


def _blocks(path: Path) -> Iterator[Block]:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise LedgerFault(f"{path}: cannot be read: {error.strerror}") from None
    end, last = 0, None
    try:
        for at, block in blocks(memoryview(raw)):
            yield block
            end, last = at + block.size, block.number
    except NoBlock as fault:
        where = f"at byte {end}, " + (f"behind block {last}" if last is not None else "where it begins")
        hint = ": a power cut leaves that, and the next start of the machine mends it" if fault.torn else ""
        raise LedgerFault(f"{path}: {where}: {fault}{hint}") from None


class _Verifying:
    def __init__(self, ledger: Path, key: str | None, head: str | None) -> None:
        self.found = Checked()
        self._ledger = ledger
        self._key = key
        self._seen = _seen(head)
        self._head = read_head(ledger)
        self._known = {number: (digest, what) for number, digest, what in self._expected()}
        self._before: Block | None = None
        self._path: Path | None = None
        self._signed: Checkpoint | None = None

    def take(self, path: Path, block: Block) -> None:
        if block.kind not in (ENTRIES, CHECKPOINT, FINDINGS):
            self._fail(path, block, "is of a kind that this version does not know")
        self._follow(path, block)
        if block.kind == CHECKPOINT:
            self._sign(path, block)
        elif path is not self._path:
            self._fail(path, block, "begins a segment and is no checkpoint")
        if block.kind == FINDINGS:
            self._tell(path, block)
        if block.number in self._known:
            digest, what = self._known[block.number]
            if block.hash.hex() != digest:
                self._fail(path, block, f"is another one than {what}")
        found = self.found
        found.blocks += 1
        found.entries += block.count
        found.unsigned = 0 if block.kind == CHECKPOINT else found.unsigned + block.count
        found.last, found.hash, found.to_ms = block.number, block.hash.hex(), block.utc_ms
        self._before, self._path = block, path

    def end(self) -> Checked:
        """What can be told only at the end: whether the end and the beginning are there."""
        found, signed = self.found, self._signed
        for number, _, what in self._expected():
            if number > found.last:
                raise LedgerFault(
                    f"{self._path}: ends with block {found.last}: blocks {found.last + 1} to {number} are "
                    f"missing, of which {what} is the last"
                )
        if signed is None:
            raise LedgerFault(f"{self._ledger}: no block in it at all")
        if self._head is None and found.checkpoints > 1:
            raise LedgerFault(f"{self._ledger / HEAD}: is missing or was changed: it names the last checkpoint")
        if found.first > signed.begins:
            raise LedgerFault(
                f"{self._ledger}: begins with block {found.first}: blocks {signed.begins} to "
                f"{found.first - 1} are missing, by the checkpoint in block {signed.number}"
            )
        return found

    def _expected(self) -> Iterator[tuple[int, str, str]]:
        if self._head is not None:
            yield self._head.number, self._head.hash, f"the one that {HEAD} names"
        if self._seen is not None:
            yield *self._seen, "the one that was seen before"

    def _follow(self, path: Path, block: Block) -> None:
        before = self._before
        if before is None:
            self.found.first, self.found.from_ms = block.number, block.utc_ms
            if block.number == 0 and block.before != START:
                self._fail(path, block, "is the first, and names one before it")
            return
        if block.number != before.number + 1:
            missing = f"blocks {before.number + 1} to {block.number - 1} are missing"
            self._fail(path, block, missing if block.number > before.number else f"stands behind block {before.number}")
        if block.before != before.hash:
            self._fail(path, block, f"does not follow block {before.number} as it is here")
        if block.first != before.first + before.count:
            self._fail(path, block, f"begins with entry {block.first}, not {before.first + before.count}")

    def _sign(self, path: Path, block: Block) -> None:
        try:
            said, signature = checkpoint_of(block.lines()[0])
        except ValueError as fault:
            self._fail(path, block, str(fault))
        stands = (block.number, block.first, block.utc_ms, block.at_ns, block.run_id, block.before.hex())
        if stands != (said.number, said.first, said.utc_ms, said.at_ns, said.run_id, said.before):
            self._fail(path, block, "is the checkpoint of another block")
        self._key = self._key or said.key
        if said.key != self._key:
            self._fail(path, block, f"is signed by {said.key[:16]}, not by this machine's key {self._key[:16]}")
        if not said.is_signed(signature):
            self._fail(path, block, "its signature is not good")
        if self._signed and said.begins < self._signed.begins:
            self._fail(path, block, "lets the ledger begin earlier than the checkpoint before it")
        self._signed = said
        self.found.key = said.key
        self.found.checkpoints += 1

    def _tell(self, path: Path, block: Block) -> None:
        for line in block.lines():
            entry = unpack(line)
            text = str(entry.said.get("found", "")) if isinstance(entry, Event) else ""
            if GONE in text:
                self._fail(path, block, f"says that {text}")
            self.found.notes.append(f"block {block.number}: {text}")

    def _fail(self, path: Path, block: Block, why: str) -> NoReturn:
        raise LedgerFault(f"{path}: block {block.number} {why}")


def _seen(head: str | None) -> tuple[int, str] | None:
    if head is None:
        return None
    number, _, digest = head.partition(":")
    if not number.isdecimal() or len(digest) != 64:
        raise UsageFault(f"--head {head}: must be NUMBER:HASH, as this command says it at its end")
    return int(number), digest
