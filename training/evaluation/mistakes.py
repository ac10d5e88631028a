"""The looks that a bundle gets wrong with the most confidence: what a person should look at first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edge.datapath import LABELS, UNKNOWN
from edge.grade.fusion import Judge
from edge.grade.verdict import DAMAGED
from training.dataset import Picture
from training.evaluation.looks import Graded, passage
from training.figures import DOUBTFUL, decided_by

SHOWN = 36
_OF_ONE_FRUIT = 2


@dataclass(frozen=True, slots=True)
class Mistake:
    """A look called `decided`, with how much it spoke for that, 0 to 1."""

    picture: Picture
    decided: str
    confidence: float

    def told(self) -> dict[str, Any]:
        """For the JSON: which look, by name."""
        picture = self.picture
        return {
            "source": picture.source,
            "fruit": picture.fruit,
            "view": picture.order,
            "grade": picture.grade,
            "decided": self.decided,
            "confidence": round(self.confidence, 4),
        }


def worst(graded: Sequence[Graded], judge: Judge) -> list[Mistake]:
    """The worst first, at most two of a fruit; lab's before all others. A damaged fruit's sound side is no mistake."""
    wrong = [one for one in (_mistake(look, judge) for look in graded) if one]
    wrong.sort(key=lambda one: (one.picture.source != "lab", -one.confidence))
    seen: Counter[str] = Counter()
    shown = []
    for one in wrong:
        seen[one.picture.fruit_key] += 1
        if seen[one.picture.fruit_key] <= _OF_ONE_FRUIT:
            shown.append(one)
    return shown[:SHOWN]


def _mistake(one: Graded, judge: Judge) -> Mistake | None:
    picture = one.picture
    decided = decided_by(passage([one]), judge)
    if decided == picture.grade or not picture.grade:
        return None
    if picture.grade == LABELS[DAMAGED] and picture.damage != 1:
        return None
    if decided in {UNKNOWN, DOUBTFUL}:
        return Mistake(picture, decided, one.grades.unknown_score)
    return Mistake(picture, decided, one.grades.scores[LABELS.index(decided)])
