"""A plant whose truth is known: entries as a machine would have written them, drawn from a seed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np

import firmware_config
from edge.datapath import BELT_END, LABELS, UNKNOWN
from edge.ledger.entries import Decision, Entry, Event, LookNote, Stamped
from edge.ledger.writing import LedgerWriter

DEMO = Path(next(iter(firmware_config.__path__))) / "profiles" / "demo.toml"
BEGIN = datetime(2026, 3, 31, 6, 0, tzinfo=UTC)
NS = 1_000_000_000
BUNDLE = "factory@0123456789ab"

USUAL: Mapping[str, Mapping[str, float]] = {
    "green": {"green": 0.97, "turning": 0.03},
    "turning": {"turning": 0.93, "green": 0.03, "red": 0.04},
    "red": {"red": 0.975, "turning": 0.02, "damaged": 0.005},
    "damaged": {"damaged": 0.9, "red": 0.06, "turning": 0.03, "green": 0.01},
    UNKNOWN: {UNKNOWN: 0.95, "red": 0.05},
}
MIX = {"green": 0.1, "turning": 0.2, "red": 0.63, "damaged": 0.06, UNKNOWN: 0.01}


@dataclass(slots=True)
class Pretended:
    """What is drawn: `called` is what the machine says of each true grade, `judged` how people judge what was drawn for
    the audit (0: nobody looks), `unpictured` is the share of those without pictures, `right` how often a person is."""

    seed: int = 1
    fruit: int = 4_000
    per_s: float = 10.0
    audit: float = 0.05
    late: float = 0.004
    mix: Mapping[str, float] = field(default_factory=lambda: dict(MIX))
    called: Mapping[str, Mapping[str, float]] = field(default_factory=lambda: dict(USUAL))
    people: Sequence[str] = ("anna", "bo")
    judged: float = 1.0
    unpictured: float = 0.0
    right: float = 0.99
    defects: Mapping[str, float] = field(default_factory=lambda: {"serious": 0.7, "very-serious": 0.2, "decay": 0.1})
    begin: datetime = BEGIN
    run: str = "r"
    money: Mapping[str, Any] = field(default_factory=dict)
    truths: list[str] = field(default_factory=list)
    """Of each fruit, once `entries` has told of it."""

    def profile(self) -> dict[str, Any]:
        told: dict[str, Any] = tomllib.loads(DEMO.read_text(encoding="utf-8"))
        told["money"] |= {"mix": {}, **self.money}
        told["audit"]["share"] = self.audit
        return told

    def entries(self) -> Iterator[Stamped]:
        """In order."""
        rng = np.random.default_rng(self.seed)
        yield self._event(0.0, "run", about="run")
        yield self._event(0.0, "profile", about="3c0ffee", said=self.profile())
        yield self._event(0.0, "bundle", about=BUNDLE, said={"name": "factory"})
        said: list[Stamped] = []
        self.truths.clear()
        for n in range(self.fruit):
            at_s = (n + 1) / self.per_s
            truth = pick(rng, self.mix)
            self.truths.append(truth)
            decision = self._decision(n, at_s, truth, rng)
            yield self._stamped(at_s, decision)
            if decision.audit is not None and decision.pictures and rng.random() < self.judged:
                said.extend(self._words(decision, truth, rng))
        yield from said

    def _decision(self, n: int, at_s: float, truth: str, rng: np.random.Generator) -> Decision:
        row = self.called[truth]
        label = pick(rng, row)
        outlet = BELT_END if label == UNKNOWN else label
        drawn = rng.random() < self.audit
        went = BELT_END if drawn else outlet
        asked = went != BELT_END
        late = asked and rng.random() < self.late
        sure = float(rng.uniform(0.7, 1.0))
        scores = tuple(sure if name == label else (1 - sure) / 3 for name in LABELS)
        return Decision(
            track_id=f"{self.run}.{n}",
            at_ns=round(at_s * NS),
            lane=n % 2,
            length_mm=float(rng.normal(57, 4)),
            looks=(LookNote(n, 40.0, 0.02, scores),) * 4,
            label=label,
            confidence=sure,
            unknown_score=0.9 if label == UNKNOWN else 0.03,
            scores=scores,
            outlet=went,
            reason="audited" if drawn else "graded" if asked else "unknown",
            bundle=BUNDLE,
            profile="3c0ffee",
            gate=f"{went}_{n % 2}" if asked else None,
            result=("late" if late else "fired") if asked else None,
            opened_at_ns=round(at_s * NS) + NS if asked and not late else None,
            late_ns=round(float(rng.exponential(200_000))) if asked else None,
            audit=self.audit if drawn else None,
            sorted_to=outlet if drawn else None,
            pictures=4 if drawn and not (self.unpictured and rng.random() < self.unpictured) else 0,
        )

    def _words(self, decision: Decision, truth: str, rng: np.random.Generator) -> Iterator[Stamped]:
        for n, who in enumerate(self.people):
            word = truth if rng.random() < self.right else str(rng.choice(LABELS))
            defect = pick(rng, self.defects) if word == "damaged" else None
            said = {"label": word, "took_s": round(float(rng.gamma(4, 0.3)), 2)} | (
                {"defect": defect} if defect else {}
            )
            yield self._event(
                self.fruit / self.per_s + int(decision.track_id.partition(".")[2]) / 10 + n * 0.01,
                "label",
                who=who,
                about=decision.track_id,
                said=said,
            )

    def _stamped(self, at_s: float, entry: Entry) -> Stamped:
        return Stamped(self.begin + timedelta(seconds=at_s), self.run, entry)

    def _event(self, at_s: float, kind: str, **given: Any) -> Stamped:
        return self._stamped(at_s, event(at_s, kind, **given))


def pick(rng: np.random.Generator, chances: Mapping[str, float]) -> str:
    left = rng.random()
    for name, chance in chances.items():
        left -= chance
        if left < 0:
            return name
    return next(reversed(chances))


def event(at_s: float, kind: str, **given: Any) -> Event:
    return Event(round(at_s * NS), kind, **given)


def write(entries: Iterator[Stamped] | Sequence[Stamped], folder: Path, block: int = 500) -> Path:
    """As a ledger in a history folder."""
    writer = LedgerWriter(folder, "r", 1_000_000_000)
    held: list[Stamped] = []

    def flush() -> None:
        times = (round(max(one.utc for one in held).timestamp() * 1000), max(one.entry.at_ns for one in held))
        writer.append([one.entry for one in held], times)
        held.clear()

    for one in entries:
        held.append(one)
        if len(held) >= block:
            flush()
    if held:
        flush()
    writer.close((round(one.utc.timestamp() * 1000), one.entry.at_ns))
    return folder
