"""What more looks bring: the figures of passages of 1 to 12 looks, from the same graded looks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge.grade.fusion import Judge
from training.evaluation.looks import Graded, passages
from training.evaluation.sections import SEED, TIMES, called_damaged, section
from training.passages import SINGLE

LOOK_CURVE = (1, 2, 4, 8, 12)


def look_curve(graded: Sequence[Graded], judge: Judge) -> dict[str, Any]:
    """Source to rows: `looks`, `right`, `called_damaged` among sound, `damaged_found`. Only sources that turn."""
    curve: dict[str, Any] = {}
    for source in sorted({one.picture.source for one in graded} - set(SINGLE)):
        own = [one for one in graded if one.picture.source == source]
        curve[source] = []
        for looks in LOOK_CURVE:
            played = passages(own, looks, TIMES, SEED)
            found = section(played, judge)
            row = {"looks": looks, "right": found["right"], "balanced": found["balanced"]}
            row["called_damaged"] = called_damaged(played, judge)
            row["damaged_found"] = found["grades"].get("damaged", {}).get("recall")
            curve[source].append(row)
    return curve
