"""Damage in single looks: how much of it is found, and how many sound fruit of every source are called damaged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge.datapath import LABELS, UNKNOWN
from edge.grade.fusion import Judge
from edge.grade.verdict import DAMAGED
from training.evaluation import statistics
from training.evaluation.looks import Graded, passage
from training.evaluation.sections import called_damaged
from training.evaluation.statistics import figure
from training.passages import Passage

PRECISION = 0.917
"""At which recall is stated: that of the best published detector on a sorting machine's tomatoes."""


def damage(graded: Sequence[Graded]) -> dict[str, Any]:
    """Source to `ap`, `auroc` and `recall` (at PRECISION) over views that are known to show damage or none."""
    found = {}
    for source in sorted({one.picture.source for one in graded}):
        told = [one for one in graded if one.picture.source == source and one.picture.damage >= 0]
        told = [one for one in told if one.picture.grade != UNKNOWN]
        shown = [one.picture.damage == 1 for one in told]
        if not any(shown) or all(shown):
            continue
        keys = [one.picture.fruit_key for one in told]
        scores = [one.grades.scores[DAMAGED] for one in told]
        found[source] = {
            "ap": figure(keys, statistics.average_precision(scores, shown)),
            "auroc": figure(keys, statistics.auroc(scores, shown)),
            "recall": figure(keys, statistics.recall_at(PRECISION, scores, shown)),
            "damaged_looks": sum(shown),
        }
    return found


def false_alarms(graded: Sequence[Graded], whole: Sequence[Passage], judge: Judge) -> dict[str, Any]:
    """Source to the share of sound tomatoes called damaged: `one_look`, and over the `whole` passages of the line."""
    found = {}
    for source in sorted({one.picture.source for one in graded}):
        sound = [one for one in graded if one.picture.source == source and _is_sound(one)]
        if sound:
            played = [one for one in whole if one.source == source]
            found[source] = {
                "one_look": called_damaged([passage([one]) for one in sound], judge),
                "passage": called_damaged(played, judge) if played else None,
            }
    return found


def _is_sound(one: Graded) -> bool:
    return one.picture.known == 1 and one.picture.grade in LABELS[:DAMAGED]
