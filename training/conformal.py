"""The promise of a label: split-conformal, for each grade on its own, counted in physical fruit.

A grade is ruled out where its chance is below `least_chance` of calibration fruit of that grade. Of fruit that are
exchangeable with those, at most the promised share has its own grade ruled out (Vovk, 2012, label-conditional
conformal prediction); so a fruit whose other grades are all ruled out is called wrongly no more often. Nothing is
promised of damage that never faced the camera.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from edge.bundle import AtLooks
from edge.datapath import LABELS
from edge.grade.fusion import Judge
from training.dataset import RIPENESS
from training.passages import Passage

PROMISE = 0.05


def fewest_fruit(promise: float = PROMISE) -> int:
    """The physical fruit of a grade that a promise needs."""
    return math.ceil(round(1 / promise, 9)) - 1


def least_chance(chances: Sequence[float], promise: float = PROMISE) -> float | None:
    """The chance below which a grade is ruled out, from the chances that calibration fruit of it have of it: the
    floor((n + 1) * promise)-th smallest. None where there are too few for the promise."""
    rank = math.floor(round((len(chances) + 1) * promise, 9))
    return sorted(chances)[rank - 1] if rank >= 1 else None


def own_chances(passages: Iterable[Passage], judge: Judge) -> dict[str, list[float]]:
    """Grade to the chance that each physical fruit of it has of it: one passage a fruit, its first, since the passages
    of one fruit are not independent."""
    first: dict[str, Passage] = {}
    for passage in passages:
        if passage.grade in LABELS and passage.showed is not False:
            first.setdefault(passage.fruit_key, passage)
    chances: dict[str, list[float]] = defaultdict(list)
    for passage in first.values():
        chances[passage.grade].append(passage.grades(judge).scores[LABELS.index(passage.grade)])
    return chances


def promised_row(row: AtLooks, passages: Sequence[Passage], judge: Judge, promise: float = PROMISE) -> AtLooks:
    """The row with the chances below which each grade is ruled out; passages of as many looks. Grades of ripeness with
    too few fruit share one chance, which promises for them together; where that has too few as well, a grade is ruled
    out only below the promise itself, which is a caution and no promise."""
    chances = own_chances(passages, judge)
    shared = least_chance([chance for grade in RIPENESS for chance in chances.get(grade, ())], promise)
    least = {grade: least_chance(chances.get(grade, ()), promise) for grade in LABELS}
    least |= {grade: shared for grade in RIPENESS if least[grade] is None}
    rounded = {grade: promise if found is None else math.floor(found * 1e4) / 1e4 for grade, found in least.items()}
    return row.model_copy(update={"least": rounded})


def covered(passage: Passage, judge: Judge) -> str | None:
    """The label that the promise covers, as the device has the passage; None where it covers none."""
    looks = max(1, len(passage.looks))
    grades = passage.grades(judge)
    label, _ = judge.label(grades, looks)
    return label if label in LABELS and judge.sure(grades, label, looks) else None


def outcome(passages: Sequence[Passage], judge: Judge) -> Mapping[str, float]:
    """Of tomatoes that showed what they are, the share called wrongly (`wrong`: only another grade is left) and left to
    the belt's end (`undecided`)."""
    wrong = undecided = tomatoes = 0
    for passage in passages:
        if passage.grade not in LABELS or passage.showed is False:
            continue
        tomatoes += 1
        label = covered(passage, judge)
        if label is None:
            undecided += 1
        elif label != passage.grade:
            wrong += 1
    return {"wrong": wrong / max(1, tomatoes), "undecided": undecided / max(1, tomatoes), "tomatoes": tomatoes}
