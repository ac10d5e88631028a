"""Figures of graded fruit: confusion, precision, recall, F1, and intervals that count physical fruit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.bundle import Thresholds
from edge.datapath import LABELS, UNKNOWN
from edge.grade.verdict import DAMAGED, label_of
from training.passages import Passage

DOUBTFUL = "doubtful"
TRUE = (*LABELS, UNKNOWN)
DECIDED = (*TRUE, DOUBTFUL)

_DRAWS = 1000
_FEWEST = 5
"""Physical fruit that an interval stands on; fewer have none."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A physical fruit's true grade and what was decided, once."""

    fruit_key: str
    grade: str
    decided: str


def decide_all(passages: Sequence[Passage], thresholds: Thresholds) -> list[Decision]:
    """What the line would decide of each passage."""
    return [Decision(p.fruit_key, p.grade, decided_as(p, thresholds)) for p in passages]


def decided_as(passage: Passage, thresholds: Thresholds) -> str:
    label, confidence = label_of(passage.fused, thresholds.damaged, thresholds.most_unknown)
    if label in LABELS[:DAMAGED] and confidence < thresholds.least_confidence:
        return DOUBTFUL
    return label


def summary(decisions: Sequence[Decision], seed: int = 0) -> dict[str, Any]:
    """`right` is the share decided as they are, with its 95 % interval over physical fruit (None where fewer than five
    stand behind it); `grades` the same a grade; `confusion` counts true grade, then decision."""
    confusion: dict[str, dict[str, int]] = {grade: dict.fromkeys(DECIDED, 0) for grade in TRUE}
    for decision in decisions:
        confusion[decision.grade][decision.decided] += 1
    present = [grade for grade in TRUE if sum(confusion[grade].values())]
    return {
        "passages": len(decisions),
        "fruit": len({decision.fruit_key for decision in decisions}),
        **_share(decisions, seed),
        "grades": {grade: _grade(grade, decisions, confusion, seed) for grade in present},
        "confusion": {grade: confusion[grade] for grade in present},
    }


def _grade(
    grade: str, decisions: Sequence[Decision], confusion: dict[str, dict[str, int]], seed: int
) -> dict[str, Any]:
    own = [decision for decision in decisions if decision.grade == grade]
    hits = confusion[grade][grade]
    called = sum(row[grade] for row in confusion.values())
    recall, precision = hits / len(own), hits / called if called else None
    f1 = 2 * precision * recall / (precision + recall) if precision else 0.0
    share = _share(own, seed)
    return {
        "fruit": len({decision.fruit_key for decision in own}),
        "passages": len(own),
        "precision": precision,
        "recall": recall,
        "recall_interval": share["right_interval"],
        "f1": f1,
    }


def _share(decisions: Sequence[Decision], seed: int) -> dict[str, Any]:
    if not decisions:
        return {"right": None, "right_interval": None}
    right = float(np.mean([decision.decided == decision.grade for decision in decisions]))
    return {"right": right, "right_interval": _interval(decisions, seed)}


def _interval(decisions: Sequence[Decision], seed: int) -> list[float] | None:
    """Bootstrap over physical fruit: looks and passages of one fruit are not independent."""
    fruit: dict[str, list[bool]] = defaultdict(list)
    for decision in decisions:
        fruit[decision.fruit_key].append(decision.decided == decision.grade)
    if len(fruit) < _FEWEST:
        return None
    hits = np.array([sum(found) for found in fruit.values()])
    counts = np.array([len(found) for found in fruit.values()])
    drawn = np.random.default_rng(seed).integers(0, len(fruit), (_DRAWS, len(fruit)))
    shares = hits[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return [round(float(edge), 4) for edge in np.quantile(shares, (0.025, 0.975))]
