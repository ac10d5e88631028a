"""What a fruit costs in a ledger, and how long one of millions takes to check."""

from __future__ import annotations

import resource
import shutil
import sys
import time
from pathlib import Path
from typing import Any

from edge.ledger.blocks import CHECKPOINT, ENTRIES, START, Block, bind, blocks, encode, segment_name, segments
from edge.ledger.checkpoint import Checkpoint, Head, machine_key, write_head
from edge.ledger.ed25519 import public_key
from edge.ledger.entries import Decision
from edge.ledger.reading import read
from edge.ledger.writing import SEGMENT_BYTES
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import prepare, with_history
from tests.evidence.trial import Trial

SEED = 1
A_CHECKPOINT = 12_000
"""Decisions between two at 20 fruit/s."""


def _packed(history: Path) -> list[Block]:
    """The blocks that hold nothing but decisions."""
    raws = [memoryview(path.read_bytes()) for path in segments(history)]
    held = [block for raw in raws for _, block in blocks(raw) if block.kind == ENTRIES]
    return [block for block in held if all(line.startswith(b'["d"') for line in block.lines())]


def _cost(history: Path) -> dict[str, float]:
    held = _packed(history)
    fruit = sum(block.count for block in held)
    unpacked = sum(len(line) for block in held for line in block.lines())
    return {
        "a_fruit": round(sum(block.size for block in held) / fruit, 1),
        "a_fruit_unpacked": round(unpacked / fruit, 1),
        "looks_a_fruit": round(_looks(history), 2),
        "fruit_a_block": round(fruit / len(held), 1),
    }


def _looks(history: Path) -> float:
    looks = [len(one.entry.looks) for one in read(history) if isinstance(one.entry, Decision)]
    return sum(looks) / len(looks)


def checked(trial: Trial, decisions: int) -> tuple[dict[str, float], dict[str, Any]]:
    """What a fruit costs; and a ledger of so many decisions, of a run's own blocks over and over, chained and signed
    anew as a machine that sorts 20 fruit/s would, checked by the command."""
    history, place = trial.folder / "short", trial.folder / "long"
    setup = prepare("clean", seed=SEED, limit=Limit(fruit=300), perception="scores")
    FastRun(with_history(setup, history)).run()
    made = _Long(place, _packed(history))
    made.write(decisions)
    began_s, computed_s = time.perf_counter(), _computed_s()
    done = trial.run([sys.executable, "-m", "edge.cli", "audit", "verify", str(place)])
    took_s = time.perf_counter() - began_s
    computed_s = _computed_s() - computed_s
    size = sum(path.stat().st_size for path in segments(place))
    shutil.rmtree(place)
    said = done.stdout.splitlines()[0]
    return _cost(history), {
        "decisions": made.entries,
        "bytes": size,
        "seconds": round(took_s, 2),
        "processor_s": round(computed_s, 2),
        "said": said,
    }


def _computed_s() -> float:
    """By the commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class _Long:
    """Writes without waiting for the disk: what is measured is the reading."""

    def __init__(self, place: Path, held: list[Block]) -> None:
        (place / "ledger").mkdir(parents=True)
        self._folder = place / "ledger"
        self._held = [(block.count, bytes(block.packed)) for block in held]
        self._secret = machine_key(place)
        self._key = public_key(self._secret).hex()
        self._number, self._before, self.entries = 0, START, 0
        self._parts: list[bytes] = []
        self._size = 0

    def write(self, decisions: int) -> None:
        first, sign_at, n = 0, 0, 0
        while self.entries < decisions:
            if self._size == 0 or self.entries >= sign_at:
                self._sign()
                sign_at = self.entries + A_CHECKPOINT
            count, packed = self._held[n % len(self._held)]
            n += 1
            self._take(
                *bind(
                    ENTRIES, self._number, self.entries, count, self._number, self._number, "long", self._before, packed
                )
            )
            self.entries += count
            if self._size >= SEGMENT_BYTES:
                first = self._flush(first)
        self._sign()
        self._flush(first)
        write_head(self._folder, Head(number=self._number - 1, hash=self._before.hex(), closed=True))

    def _sign(self) -> None:
        n = self._number
        said = Checkpoint(n, self.entries, n, n, "long", self._before.hex(), 0, self._key)
        self._take(*encode(CHECKPOINT, n, self.entries, n, n, "long", self._before, [said.signed(self._secret)]))

    def _take(self, raw: bytes, own: bytes) -> None:
        self._parts.append(raw)
        self._size += len(raw)
        self._before, self._number = own, self._number + 1

    def _flush(self, first: int) -> int:
        (self._folder / segment_name(first)).write_bytes(b"".join(self._parts))
        self._parts, self._size = [], 0
        return self._number
