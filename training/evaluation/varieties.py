"""Tomatoes whose colour tells no ripeness (orange, yellow, maroon): what the bundle makes of them, stated apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from edge.grade.fusion import Judge
from training.evaluation.looks import Graded, by_fruit, passages
from training.figures import DECIDED, decided_by

_TIMES = 12


def varieties(graded: Sequence[Graded], judge: Judge, looks: int, seed: int) -> dict[str, Any]:
    """Fruit to `decided`, the share of its passages under each word of DECIDED, and `views`."""
    found = {}
    for own in by_fruit(graded).values():
        words = Counter(decided_by(one, judge) for one in passages(own, looks, _TIMES, seed))
        shares = {word: round(words[word] / words.total(), 4) for word in DECIDED if words[word]}
        found[own[0].picture.fruit] = {"decided": shares, "views": len(own)}
    return found
