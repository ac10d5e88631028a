"""Two bundles on the same judged fruit, which neither has learned from: whether the new one may leave.

Fruit by fruit, since most are easy for both: what counts are those that one of the two has right and the other has not
(McNemar's exact test, one-sided).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb
from typing import Any

from edge.bundle import Bundle
from edge.datapath import Detection
from edge.errors import UsageFault
from edge.grade.fusion import Judge
from edge.grade.litert import LiteRTGrader
from training.dataset import Picture
from training.evaluation.looks import Graded, by_fruit, passage
from training.figures import TRUE, decided_by


def compare(new: Bundle, old: Bundle, pictures: Sequence[Picture]) -> dict[str, Any]:
    """The pictures' fruit as the device would decide on each from its kept looks: `fruit`, `right` by each, `only` what
    one alone has right, `chance` that as good a bundle has so many fewer, `grades` (grade to the same), and
    `may_leave`: the new one is right about no fewer. Raises UsageFault where there are none, or one has learned from
    some."""
    if not pictures:
        raise UsageFault("the dataset holds no fruit of the split held; have fruit of the audit judged")
    for bundle in (new, old):
        learned = {f"{source}/{name}" for source, names in bundle.manifest.origin.trained_on.items() for name in names}
        if known := sorted({picture.fruit_key for picture in pictures} & learned):
            raise UsageFault(f"{bundle.identity}: has learned from {known[0]}; compare on fruit that neither knows")
    true = {picture.fruit_key: picture.grade for picture in pictures}
    called = {bundle.identity: _called(bundle, pictures) for bundle in (new, old)}
    right = {name: {key for key, label in of.items() if label == true[key]} for name, of in called.items()}
    grades = {grade: {key for key in true if true[key] == grade} for grade in TRUE if grade in true.values()}
    whole = _counted(set(true), right[new.identity], right[old.identity])
    return {
        "new": new.identity,
        "old": old.identity,
        **whole,
        "grades": {grade: _counted(keys, right[new.identity], right[old.identity]) for grade, keys in grades.items()},
        "may_leave": whole["right"]["new"] >= whole["right"]["old"],
    }


def fewer(only_new: int, only_old: int) -> float:
    """The chance of at most so many for the new one among those that only one has right, were both as good."""
    of = only_new + only_old
    return sum(comb(of, n) for n in range(only_new + 1)) / float(2**of)


def _counted(keys: set[str], new: set[str], old: set[str]) -> dict[str, Any]:
    only_new, only_old = len(keys & new - old), len(keys & old - new)
    return {
        "fruit": len(keys),
        "right": {"new": len(keys & new), "old": len(keys & old)},
        "only": {"new": only_new, "old": only_old},
        "chance": round(fewer(only_new, only_old), 6),
    }


def _called(bundle: Bundle, pictures: Sequence[Picture]) -> dict[str, str]:
    grader, judge = LiteRTGrader(bundle), Judge.of(bundle.manifest.thresholds)
    graded = []
    for picture in pictures:
        whole = (0, 0, picture.pixels.shape[1], picture.pixels.shape[0])
        ((grades, sharpness),) = grader.grade(
            [Detection(whole, None, None, None, None, False, picture.pixels, picture.mask)]
        )
        graded.append(Graded(picture, grades, sharpness))
    return {key: decided_by(passage(looks).judged(judge), judge) for key, looks in by_fruit(graded).items()}
