"""What the audit tells: fruit drawn at random whatever their verdict, and what people said they were.

The estimates are those of `edge.audited`, which the device shows live.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge.audited.estimate import DOUBTFUL, called, estimate
from edge.audited.estimate import Inspected as Estimated
from edge.audited.intervals import Hit, Interval, share_of
from edge.datapath import BELT_END, LABELS, UNKNOWN
from edge.ledger.entries import Decision
from plant.report.flow import intended
from plant.report.words import Word, votes

GRADES = (*LABELS, UNKNOWN)
Route = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Inspected:
    """A fruit of the audit: what it was sorted as (`edge.audited.estimate.called`), the outlet that this meant, the
    chance that it was drawn by, what people said, and how many pictures of it were kept."""

    utc: datetime
    track_id: str
    called: str
    outlet: str
    chance: float
    words: tuple[Word, ...]
    pictures: int = 0

    @property
    def is_missing(self) -> bool:
        """Nobody has judged it, and nobody can by its pictures."""
        return not self.words and not self.pictures

    @property
    def parts(self) -> list[tuple[str, float]]:
        """What it is, and by which part of people's words."""
        return [(truth, n / len(self.words)) for truth, n in votes(self.words).items()]


def inspected(utc: datetime, decision: Decision, words: tuple[Word, ...], route: Route) -> Inspected:
    """Of a decision that was drawn."""
    outlet = intended(decision)
    is_graded = decision.label != UNKNOWN and route.get(decision.label, BELT_END) == outlet
    reason = "graded" if is_graded else UNKNOWN if decision.label == UNKNOWN else DOUBTFUL
    as_ = called(decision.label, reason)
    return Inspected(utc, decision.track_id, as_, outlet, decision.audit or 1.0, words, decision.pictures)


def even_sample(drawn: Iterable[Inspected], least: float = 1.0) -> list[Inspected]:
    """A sample in which every fruit had the same chance: `least`, the lowest share that was in force, or that of a
    drawn one where that is lower. Which of the others stay is decided by their number alone, so that a second reading
    keeps the same."""
    found = list(drawn)
    lowest = min([least, *(one.chance for one in found)])
    return [one for one in found if _ticket(one.track_id) * one.chance < lowest * (1 + 1e-12)]


def settled(sample: Sequence[Inspected]) -> list[Inspected]:
    """Those by which a lot can be judged: the fruit of which people spoke, and those drawn behind the last of them,
    which may be anything: people take them in order, and the end of a lot is not like its beginning. Fruit that they
    passed over are left out. None where nobody has spoken."""
    last = max((n for n, one in enumerate(sample) if one.words), default=len(sample))
    return [] if last == len(sample) else [one for n, one in enumerate(sample) if one.words or n > last]


def _ticket(track_id: str) -> float:
    return int.from_bytes(hashlib.sha256(f"thinned {track_id}".encode()).digest()[:8], "big") / 2**64


def audit_told(drawn: Sequence[Inspected]) -> dict[str, Any]:
    """Counts, the confusion of the inspected fruit, and accuracy, precision and recall of all fruit.
    `missing`: open, and without pictures."""
    found = estimate([Estimated(one.called, one.chance, votes(one.words)) for one in drawn], GRADES)
    table: dict[str, dict[str, float]] = {}
    for one in drawn:
        for truth, part in one.parts:
            row = table.setdefault(truth, {})
            row[one.called] = row.get(one.called, 0.0) + part
    said = [name for name in (*GRADES, DOUBTFUL) if any(name in row for row in table.values())]
    chances = [one.chance for one in drawn]
    return {
        "drawn": found.drawn,
        "judged": found.reviewed,
        "open": found.drawn - found.reviewed,
        "missing": sum(one.is_missing for one in drawn),
        "skipped": found.skipped,
        "disputed": found.disputed,
        "chance": [round(min(chances), 5), round(max(chances), 5)] if chances else None,
        "confusion": {
            truth: {name: round(table[truth].get(name, 0.0), 1) for name in said} for truth in GRADES if truth in table
        },
        "accuracy": figure(found.accuracy),
        "if_skipped": [found.worst, found.best] if found.skipped else None,
        "grades": {
            grade: {"recall": figure(found.recall[grade]), "precision": figure(found.precision[grade])}
            for grade in GRADES
            if found.recall[grade].inspected or found.precision[grade].inspected
        },
    }


def purity(drawn: Sequence[Inspected], route: Route, outlets: Mapping[str, int]) -> dict[str, dict[str, Any]]:
    """Of each outlet: the fruit sent to it, and the share of them that belongs there."""
    return {
        outlet: {"fruit": count, "purity": figure(share_of(hits(drawn, route, outlet)))}
        for outlet, count in outlets.items()
    }


def hits(drawn: Iterable[Inspected], route: Route, outlet: str | None = None) -> list[Hit]:
    """Whether fruit were sent where they belong; of one outlet, or of all."""
    return [
        Hit(route.get(truth, BELT_END) == one.outlet, one.chance, part)
        for one in drawn
        if outlet in (None, one.outlet)
        for truth, part in one.parts
    ]


def plain(said: Iterable[bool]) -> dict[str, Any]:
    """The figure of a share of what was not drawn by chance."""
    return figure(share_of([Hit(one, 1.0) for one in said]))


def figure(found: Interval) -> dict[str, Any]:
    """A share with its 95 % interval and the inspected fruit behind it, as JSON has it."""
    return {
        "value": None if found.value is None else round(found.value, 4),
        "interval": None if found.value is None else [round(found.low, 4), round(found.high, 4)],
        "fruit": round(found.inspected, 1) if found.inspected % 1 else int(found.inspected),
    }
