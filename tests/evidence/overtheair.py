"""Bundles over the air to a live simulated line: seconds from publish to active, and what the gates feel of it.

Blocks with an update on its way (check, download, verification, self-test, shadow, take-over, probation) and blocks of
the same length without take turns on one line, which sorts all the while.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from edge import clock
from edge.bench.figures import percentile, percentile_ratio
from edge.datapath import Outcome, Verdict
from edge.update.store import Store
from edge.updates import ask_check, read_told
from sim.desk import Desk
from sim.updating import FOLDER, section
from tests.evidence.releasing import BYTES, open_office, release, variant
from tests.evidence.trial import Finding, Target, Trial, at_least, at_most
from tests.live.kills import live_desk, setup

PAIRS = 8
RATIO = 1.1
SEED = 1
S = 1_000_000_000
SHADOW = {"shadow_fruit": 100, "shadow_share": 1.0, "probation_minutes": 0.05, "check_minutes": 60.0}
LOST = ("held", "unseen", "collateral", "shed", "late", "misdirected")
_PATIENCE_S = 240.0
WARM_S = 10.0
"""The line sorts for so long before anything is measured: its start is not an update's doing."""
SPARE = 3
"""So many updates may be refused until no further one is begun; each is told, and none may be."""
_EVERY_NS = 2_000_000


@dataclass(slots=True)
class Block:
    """The gates' lateness in ms, and what became of the fruit; of a block with an update, when each state began and the
    new bundle's first verdict, in s from its release, and why it was refused, where it was."""

    late_ms: list[float] = field(default_factory=list)
    late: int = 0
    took_s: float = 0.0
    states_s: dict[str, float] = field(default_factory=dict)
    active_s: float = 0.0
    fates: Counter[str] = field(default_factory=Counter)
    refused: str = ""


class Watched:
    """A live desk that is stepped, and what its device says in the block that goes on."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.block = Block()
        self.bundle = ""

    def begin(self) -> Block:
        """What comes from now on belongs to another block."""
        self.block = Block(fates=self._fates())
        return self.block

    def end(self) -> None:
        self.block.fates = self._fates() - self.block.fates

    def _fates(self) -> Counter[str]:
        board = self.desk.board
        return Counter(board.score.fates) if board else Counter()

    def step(self) -> None:
        now_ns = clock.now_ns()
        if self.desk.ended:
            raise RuntimeError(f"the desk ended: {self.desk.device.said()}")
        wake_ns = self.desk.step(now_ns)
        for record in self.desk.records:
            if isinstance(record, Outcome) and record.result == "fired":
                self.block.late_ms.append(max(record.late_ns, 1) / 1e6)
            elif isinstance(record, Outcome):
                self.block.late += record.result == "late"
            elif isinstance(record, Verdict):
                self.bundle = record.bundle
        clock.sleep_until(min(wake_ns, now_ns + _EVERY_NS))


def overtheair(trial: Trial) -> Finding:
    """Updates one after the other on one line."""
    pairs = trial.count(PAIRS)
    office = open_office(trial.folder)
    updated: list[Block] = []
    bare: list[Block] = []
    refused: list[str] = []
    (desk_folder := trial.folder / "desk").mkdir()
    keys = section(str(office.folder), desk_folder) | SHADOW
    with live_desk(setup(seed=SEED), update=keys) as desk:
        watched = Watched(desk)
        _until(watched, lambda: bool(watched.bundle), "the first verdict")
        _bare(watched, WARM_S)
        while len(updated) < pairs and len(refused) < SPARE:
            name = f"air-{len(updated)}-{len(refused)}"
            identity = variant(trial.folder / name, name)
            block = _update(watched, trial.folder, trial.folder / name, identity, desk_folder / FOLDER)
            trial.say(f"{name}: {block.refused or f'stays after {block.took_s:.0f} s'}")
            if block.refused:
                refused.append(block.refused)
                _bare(watched, WARM_S)
                continue
            updated.append(block)
            bare.append(_bare(watched, block.took_s))
        events = list(desk.device.events)
        report = desk.report()
    assert report is not None
    if not updated:
        return Finding({"refused": refused, "events": events[-20:]}, missing=f"every update was refused: {refused[-1]}")
    figures = _figures(updated, bare, report) | {"refused": refused, "events": events[-20:]}
    targets = [
        at_least("updates that came to stay", len(updated), pairs),
        at_most("updates that were refused", len(refused), 0),
        *_targets(updated, bare, report),
    ]
    return Finding(figures, targets, SEED)


def _until(watched: Watched, reached: Any, what: str) -> None:
    until_ns = clock.now_ns() + round(_PATIENCE_S * S)
    while not reached():
        if clock.now_ns() > until_ns:
            raise RuntimeError(f"not within {_PATIENCE_S:g} s: {what}; {watched.desk.device.said()}")
        watched.step()


def _update(watched: Watched, office: Path, bundle: Path, identity: str, folder: Path) -> Block:
    """Release a bundle, and go on until it is committed."""
    releasing = release(office, bundle)
    _until(watched, lambda: releasing.poll() is not None, "released")
    block = watched.begin()
    began_ns = clock.now_ns()

    def since_s() -> float:
        return round((clock.now_ns() - began_ns) / S, 2)

    ask_check(folder)
    store = Store(folder)

    def is_committed() -> bool:
        if told := read_told(folder):
            block.states_s.setdefault(told.state, since_s())
            if told.state in ("failed", "rollback") or (told.why and told.text.startswith(identity)):
                block.refused = f"{told.why}: {told.text}"
                return True
        if watched.bundle == identity and not block.active_s:
            block.active_s = since_s()
        active = store.active()
        return active.bundle == identity and not active.trial and block.active_s > 0

    _until(watched, is_committed, f"{identity} committed")
    block.took_s = since_s()
    watched.end()
    return block


def _bare(watched: Watched, for_s: float) -> Block:
    block = watched.begin()
    block.took_s = for_s
    until_ns = clock.now_ns() + round(for_s * S)
    while clock.now_ns() < until_ns:
        watched.step()
    watched.end()
    return block


def _lost(blocks: list[Block]) -> int:
    return sum(block.fates[fate] for block in blocks for fate in LOST)


def _ratio(updated: list[Block], bare: list[Block]) -> tuple[float, tuple[float, float]]:
    return percentile_ratio([block.late_ms for block in updated], [block.late_ms for block in bare], 0.99)


def _figures(updated: list[Block], bare: list[Block], report: dict[str, Any]) -> dict[str, Any]:
    ratio, interval = _ratio(updated, bare)
    late, bare_late = (
        round(percentile([ms for block in blocks for ms in block.late_ms], 0.99), 4) for blocks in (updated, bare)
    )
    return {
        "bytes": BYTES,
        "publish_to_active_s": {"median": median(b.active_s for b in updated), "each": [b.active_s for b in updated]},
        "states_s": [block.states_s for block in updated],
        "blocks_s": [block.took_s for block in updated],
        "pulses": {"with": sum(len(b.late_ms) for b in updated), "without": sum(len(b.late_ms) for b in bare)},
        "late_pulses": {"with": sum(b.late for b in updated), "without": sum(b.late for b in bare)},
        "gate_late_p99_ms": {"with": late, "without": bare_late},
        "ratio_p99": round(ratio, 3),
        "ratio_p99_interval": [round(end, 3) for end in interval],
        "lost": {"with": _lost(updated), "without": _lost(bare)},
        "fates": report["fates"],
        "slack_ms": report["slack_ms"],
    }


def _targets(updated: list[Block], bare: list[Block], report: dict[str, Any]) -> list[Target]:
    _, (low, _) = _ratio(updated, bare)
    return [
        at_most("fruit that were lost, held or late while an update was on its way", _lost(updated), 0),
        at_most("late pulses while an update was on its way", sum(block.late for block in updated), 0),
        at_least("time left between a verdict and its pulse, ms, at least", report["slack_ms"]["min"], 0),
        at_most("gate lateness p99 with updates, times without, lower end of the interval", round(low, 3), RATIO),
    ]
