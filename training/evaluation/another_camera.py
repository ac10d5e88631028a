"""The last word: `lab`, photographs from a camera of which nothing was ever learned or tuned, and the hue rule beside
the bundle on the same photographs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from edge.datapath import LABELS
from edge.grade.fusion import Judge
from edge.grade.verdict import DAMAGED
from training.evaluation import statistics
from training.evaluation.looks import Graded, passage
from training.evaluation.rule import HueRule
from training.evaluation.sections import section
from training.evaluation.statistics import figure
from training.figures import decided_by


def another_camera(graded: Sequence[Graded], judge: Judge, rule: HueRule) -> dict[str, Any]:
    """A section, with `wrong` and `called_damaged` (counts; a doubtful one is wrong), `mislabelled` (what `sorter
    grade` answers with another label, however unsure it is), and `rule`: its `wrong`, `right` and its two hues."""
    played = [passage([one]) for one in graded]
    decided = [decided_by(one, judge) for one in played]
    labels = [judge.label(one.grades(judge), len(one.looks))[0] for one in played]
    ruled = [rule.grade(one.picture.pixels, one.picture.mask) for one in graded]
    keys, true = [one.fruit_key for one in played], [one.grade for one in played]
    rule_hits = np.array([a == b for a, b in zip(ruled, true, strict=True)], bool)
    return {
        **section(played, judge),
        "wrong": sum(a != b for a, b in zip(decided, true, strict=True)),
        "mislabelled": sum(a != b for a, b in zip(labels, true, strict=True)),
        "called_damaged": decided.count(LABELS[DAMAGED]),
        "rule": {
            "wrong": int((~rule_hits).sum()),
            "right": figure(keys, statistics.share(rule_hits)),
            "turning_from_deg": round(rule.turning_from_deg, 1),
            "green_from_deg": round(rule.green_from_deg, 1),
        },
    }
