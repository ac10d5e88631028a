"""One picture of a fruit as a look: graded as it lies, turned by quarters and mirrored, and the mean of what that says.

How a fruit lies in a still says nothing of it, but a network's word varies with it. On the line there are more looks
and less time.
"""

from __future__ import annotations

from dataclasses import replace
from math import fsum
from typing import TYPE_CHECKING

import numpy as np

from edge.datapath import LABELS, Detection, Look
from edge.grade.fusion import DAMAGED, chance_of, log_odds_of

if TYPE_CHECKING:
    from edge.grade.litert import LiteRTGrader

_SIDES = 8


def look_at(grader: LiteRTGrader, detection: Detection) -> Look:
    """The look of a still. Damage and strangeness are the means of the log-odds, ripeness of the shares."""
    graded = grader.grade([_lying(detection, side) for side in range(_SIDES)])
    odds = fsum([log_odds_of(grades.scores[DAMAGED]) for grades, _ in graded]) / _SIDES
    strange = fsum([log_odds_of(grades.unknown_score) for grades, _ in graded]) / _SIDES
    shares = np.array([grades.scores[:DAMAGED] for grades, _ in graded])
    ripeness = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    damage = chance_of(odds)
    scores = (*((1 - damage) * float(share) for share in ripeness), damage)
    assert len(scores) == len(LABELS)
    return Look("", 0, graded[0][1], scores, chance_of(strange))


def _lying(detection: Detection, side: int) -> Detection:
    """The same fruit turned by `side` quarters, and from 4 on mirrored as well."""
    crop, mask = np.rot90(detection.crop, side % 4), np.rot90(detection.mask, side % 4)
    if side >= 4:
        crop, mask = crop[:, ::-1], mask[:, ::-1]
    return replace(detection, crop=np.ascontiguousarray(crop), mask=np.ascontiguousarray(mask))
