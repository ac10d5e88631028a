"""What the audit tells: fruit drawn at random whatever their verdict, and what people said they were.

A fruit stands for as many as its chance of being drawn says. Which of the drawn people have looked at already must not
depend on what they are: the report says how many are still open.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge.datapath import BELT_END, LABELS, UNKNOWN
from edge.ledger.entries import Decision
from plant.report.flow import intended
from plant.report.intervals import weighted_share
from plant.report.words import Word, agreed

GRADES = (*LABELS, UNKNOWN)
Route = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inspected:
    """A fruit of the audit: what the machine said, where it belonged by that, and what people said."""

    utc: datetime
    track_id: str
    said: str
    outlet: str
    chance: float
    words: tuple[Word, ...]

    @property
    def truth(self) -> str | None:
        """What most people say; None where nobody has spoken, or they disagree."""
        return agreed(self.words)


def inspected(utc: datetime, decision: Decision, words: tuple[Word, ...]) -> Inspected:
    """Of a decision that was drawn."""
    chance = decision.audit or 1.0
    return Inspected(utc, decision.track_id, decision.label, intended(decision), chance, words)


def even_sample(drawn: Iterable[Inspected]) -> list[Inspected]:
    """A sample in which every fruit had the same chance: the lowest of those drawn with. Which of the others stay is
    decided by their number alone, so that a second reading keeps the same."""
    found = list(drawn)
    lowest = min((one.chance for one in found), default=1.0)
    return [one for one in found if _ticket(one.track_id) * one.chance < lowest * (1 + 1e-12)]


def _ticket(track_id: str) -> float:
    return int.from_bytes(hashlib.sha256(f"thinned {track_id}".encode()).digest()[:8], "big") / 2**64


def audit_told(drawn: Sequence[Inspected], route: Route, worth: Mapping[str, Mapping[str, float]]) -> dict[str, Any]:
    """Counts, the confusion as estimated numbers of all fruit, precision and recall of each grade, and what inspection
    cost: what the drawn fruit would have brought had they gone their way."""
    known = [(one, truth) for one in drawn if (truth := one.truth)]
    disputed = sum(bool(one.words) and one.truth is None for one in drawn)
    table: dict[str, Counter[str]] = defaultdict(Counter)
    stands_for: dict[str, dict[str, float]] = {}
    for one, truth in known:
        table[truth][one.said] += 1
        row = stands_for.setdefault(truth, {})
        row[one.said] = row.get(one.said, 0.0) + 1 / one.chance
    there = [grade for grade in GRADES if any(grade in (truth, one.said) for one, truth in known)]
    lost = [worth[truth].get(one.outlet, 0.0) for one, truth in known if truth in worth]
    return {
        "drawn": len(drawn),
        "judged": len(known),
        "disputed": disputed,
        "open": len(drawn) - len(known) - disputed,
        "chance": _spread([one.chance for one in drawn]),
        "confusion": {truth: {said: table[truth][said] for said in there} for truth in there},
        "stands_for": {truth: {said: round(n, 1) for said, n in row.items()} for truth, row in stands_for.items()},
        "grades": {grade: _grade(grade, known) for grade in there},
        "right": figure((route.get(truth, BELT_END) == one.outlet, one.chance) for one, truth in known),
        "cost": round(sum(lost) / len(lost) * len(drawn), 2) if lost else None,
    }


def purity(drawn: Iterable[Inspected], route: Route, outlets: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Of each outlet: the fruit in it, and the share of those sent to it that belong there."""
    known = [(one, truth) for one in drawn if (truth := one.truth)]
    return {
        outlet: {"fruit": count}
        | {
            "purity": figure(
                (route.get(truth, BELT_END) == outlet, one.chance) for one, truth in known if one.outlet == outlet
            )
        }
        for outlet, count in outlets.items()
    }


def figure(drawn: Iterable[tuple[bool, float]]) -> dict[str, Any]:
    """A share with its 95 % interval and the inspected fruit behind it."""
    listed = list(drawn)
    share, interval, _ = weighted_share(listed)
    return {
        "value": None if share is None else round(share, 4),
        "interval": None if share is None else [round(edge, 4) for edge in interval],
        "fruit": len(listed),
    }


def _grade(grade: str, known: Sequence[tuple[Inspected, str]]) -> dict[str, Any]:
    return {
        "recall": figure((one.said == grade, one.chance) for one, truth in known if truth == grade),
        "precision": figure((truth == grade, one.chance) for one, truth in known if one.said == grade),
    }


def _spread(chances: Sequence[float]) -> list[float] | None:
    return [round(min(chances), 5), round(max(chances), 5)] if chances else None
