"""What a bundle makes of a source's fruit: a section of the report. Every figure counts physical fruit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from edge.bundle import Thresholds
from edge.datapath import LABELS, UNKNOWN
from edge.grade.fusion import Judge
from edge.grade.litert import LiteRTGrader
from edge.grade.verdict import DAMAGED
from training.dataset import Picture
from training.evaluation import statistics
from training.evaluation.looks import Graded, grade_all, passages
from training.evaluation.statistics import Figure, figure
from training.figures import DECIDED, TRUE, decided_by
from training.passages import Passage

LOOKS = 12
TIMES = 3
SEED = 20

Section = dict[str, Any]
"""`fruit`, `passages`, `right` (a figure), `balanced` (the mean of the grades' recalls), `grades` (grade to `fruit`,
`passages`, `precision`, `recall`, `f1`, `ap`), `confusion` (true grade, then decision, counts)."""


def section(played: Sequence[Passage], judge: Judge) -> Section:
    """The figures of these passages."""
    played = [one.judged(judge) for one in played]
    decided = [decided_by(one, judge) for one in played]
    keys, true = [one.fruit_key for one in played], [one.grade for one in played]
    hits = np.array([a == b for a, b in zip(true, decided, strict=True)], bool)
    confusion = {grade: dict.fromkeys(DECIDED, 0) for grade in TRUE if grade in true}
    for grade, found in zip(true, decided, strict=True):
        confusion[grade][found] += 1
    return {
        "fruit": len(set(keys)),
        "passages": len(played),
        "right": figure(keys, statistics.share(hits)),
        "balanced": figure(keys, statistics.balanced(hits, true)),
        "grades": {grade: _grade(grade, played, decided) for grade in confusion},
        "confusion": confusion,
    }


def held_figures(
    grader: LiteRTGrader, pictures: Sequence[Picture], thresholds: Thresholds, say: Callable[[str], None]
) -> dict[str, Any]:
    """Grade these pictures once; see `figures_of`. `say` is told what is done."""
    say(f"grading {len({picture.fruit_key for picture in pictures})} fruit that the bundle has never seen")
    return figures_of(grade_all(grader, pictures, SEED, lambda: None), Judge.of(thresholds))


def figures_of(graded: Sequence[Graded], judge: Judge) -> dict[str, Any]:
    """`sources`: source to a section over many looks, with `one_look` beside (without looks at the sound side of a
    damaged fruit); `photographs`: all but the built-in."""
    sources: dict[str, Any] = {}
    photographed: list[Passage] = []
    for source in sorted({one.picture.source for one in graded}):
        own = [one for one in graded if one.picture.source == source and one.picture.grade]
        played = passages(own, LOOKS, TIMES, SEED)
        sources[source] = {
            **section(played, judge),
            "damage_never_shown": sum(one.showed is False for one in played),
            "one_look": section([one for one in passages(own, 1, TIMES, SEED) if one.showed is not False], judge),
        }
        if source != "builtin":
            photographed += played
    found: dict[str, Any] = {"sources": sources}
    if photographed:
        found["photographs"] = section(photographed, judge)
    return found


def called_damaged(played: Sequence[Passage], judge: Judge) -> Figure:
    """The share of sound tomatoes called damaged."""
    sound = [one for one in played if one.grade not in {LABELS[DAMAGED], UNKNOWN}]
    hits = [decided_by(one, judge) == LABELS[DAMAGED] for one in sound]
    return figure([one.fruit_key for one in sound], statistics.share(hits))


def metrics_of(report: Mapping[str, Any]) -> dict[str, float | int | str | None]:
    """What of the report goes into the manifest: the share right and the number of fruit behind it, by source."""
    metrics: dict[str, float | int | str | None] = {}
    for source, found in (*report["sources"].items(), ("photographs", report.get("photographs"))):
        if found:
            metrics[f"{source}_right"] = found["right"]["value"]
            metrics[f"{source}_fruit"] = found["fruit"]
    return metrics


def named(report: Mapping[str, Any]) -> Iterator[tuple[str, Section]]:
    """Every section of a report with its name."""
    for source, found in report["sources"].items():
        yield source, found
        yield f"{source}, one look", found["one_look"]
    if report.get("photographs"):
        yield "all photographs", report["photographs"]
    if report.get("lab"):
        yield "lab (another camera), one look", report["lab"]


def agreement(float_scores: Sequence[Sequence[float]], int8_scores: Sequence[Sequence[float]]) -> float:
    """The share of looks whose likeliest label is the same before and after quantisation."""
    return float(np.mean([np.argmax(a) == np.argmax(b) for a, b in zip(float_scores, int8_scores, strict=True)]))


def _grade(grade: str, played: Sequence[Passage], decided: Sequence[str]) -> dict[str, Any]:
    keys = [one.fruit_key for one in played]
    are = np.array([one.grade == grade for one in played], bool)
    called = np.array([found == grade for found in decided], bool)
    scores = [_score(one, grade) for one in played]
    own = [key for key, is_one in zip(keys, are, strict=True) if is_one]
    return {
        "fruit": len(set(own)),
        "passages": len(own),
        "precision": figure(keys, statistics.ratio(are, called)),
        "recall": {**figure(own, statistics.share(called[are])), "n": len(own)},
        "f1": figure(keys, statistics.f1(are & called, called, are)),
        "ap": figure(keys, statistics.average_precision(scores, are.tolist())),
    }


def _score(one: Passage, grade: str) -> float:
    """How much a passage speaks for a grade; strangeness takes its share of every other."""
    if grade == UNKNOWN:
        return one.fused.unknown_score
    return one.fused.scores[LABELS.index(grade)] * (1 - one.fused.unknown_score)
