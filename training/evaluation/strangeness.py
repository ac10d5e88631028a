"""How well what is no tomato is told from what is one: by kind, on the rig that photographed both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from edge.datapath import UNKNOWN
from edge.grade.fusion import Judge
from training.evaluation import statistics
from training.evaluation.looks import Graded, passage
from training.evaluation.statistics import figure
from training.figures import decided_by
from training.photographs import kind_of

KEPT = 0.95


def strangeness(graded: Sequence[Graded], judge: Judge, trained_on: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Source to `refused` (sound tomatoes called unknown), `all` and `kinds`: `auroc`, `fpr95`, `fruit`, and whether
    the bundle has `learned` other fruit of the kind, of whatever source. One look each. Sources without strangers have
    `refused` alone."""
    learned = {kind_of(name) for source in ("turntable", "shop") for name in trained_on.get(source, ())}
    found: dict[str, Any] = {}
    for source in sorted({one.picture.source for one in graded}):
        own = [one for one in graded if one.picture.source == source]
        tomatoes = [one for one in own if one.picture.known == 1 and one.picture.grade not in {"damaged", UNKNOWN}]
        strangers = [one for one in own if one.picture.known == 0]
        if not tomatoes:
            continue
        found[source] = {"refused": _refused(tomatoes, judge)}
        if strangers:
            found[source] |= {"all": _told_apart(tomatoes, strangers), "kinds": {}}
        for kind in sorted({kind_of(one.picture.fruit) for one in strangers}):
            row = _told_apart(tomatoes, [one for one in strangers if kind_of(one.picture.fruit) == kind])
            found[source]["kinds"][kind] = {**row, "learned": kind in learned}
    return found


def _refused(tomatoes: Sequence[Graded], judge: Judge) -> dict[str, Any]:
    hits = [decided_by(passage([one]), judge) == UNKNOWN for one in tomatoes]
    return figure([one.picture.fruit_key for one in tomatoes], statistics.share(hits))


def _told_apart(tomatoes: Sequence[Graded], strangers: Sequence[Graded]) -> dict[str, Any]:
    both = [*tomatoes, *strangers]
    keys = [one.picture.fruit_key for one in both]
    scores = [one.grades.unknown_score for one in both]
    strange = [False] * len(tomatoes) + [True] * len(strangers)
    return {
        "auroc": figure(keys, statistics.auroc(scores, strange)),
        "fpr95": figure(keys, statistics.passed_at(KEPT, scores, strange)),
        "fruit": len({one.picture.fruit_key for one in strangers}),
        "looks": len(strangers),
    }
