"""Ripeness by where the fruit come from, stated apart: no source has all three grades."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge.grade.fusion import Judge
from training.dataset import RIPENESS
from training.evaluation import statistics
from training.evaluation.looks import Graded, passages
from training.evaluation.sections import SEED, TIMES
from training.figures import decided_by


def ripeness(graded: Sequence[Graded], lab: Sequence[Graded], judge: Judge) -> dict[str, Any]:
    """Balanced accuracy of ripeness in one look, by where the fruit come from; any other word for it is wrong.

    Nobody told the ripeness of the ageing fruit: they are red by `training.colour`'s hue, and those that could be
    called either are left out, so `red` is easier than what people would have labelled."""
    parts = {
        "lab": (lab, ("green", "turning")),
        "rendered": ([one for one in graded if one.picture.source == "builtin"], RIPENESS),
        "red": ([one for one in graded if one.picture.source in {"turntable", "ageing"}], ("red",)),
    }
    found = {}
    for name, (looks, grades) in parts.items():
        played = passages([one for one in looks if one.picture.grade in grades], 1, TIMES, SEED)
        if played:
            hits = [decided_by(one, judge) == one.grade for one in played]
            true = [one.grade for one in played]
            keys = [one.fruit_key for one in played]
            found[name] = {
                **statistics.figure(keys, statistics.balanced(statistics.bools(hits), true)),
                "fruit_by_grade": {g: len({k for k, t in zip(keys, true, strict=True) if t == g}) for g in grades},
            }
    return found
