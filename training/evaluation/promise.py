"""The bundle's promise held to fruit that it was not made on: of tomatoes that show what they are, how many are called
wrongly where every other grade is ruled out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from edge.datapath import LABELS
from edge.grade.fusion import Judge
from training.conformal import covered
from training.evaluation import statistics
from training.evaluation.statistics import figure
from training.passages import Passage


def promise(played: Sequence[Passage], judge: Judge) -> dict[str, Any] | None:
    """`promised` (the share that may be wrong), and source to `wrong` and `undecided`, both of all its tomatoes. None
    for a bundle that promises nothing."""
    if judge.fusion is None:
        return None
    found: dict[str, Any] = {"promised": judge.fusion.promise, "sources": {}}
    for source in sorted({one.source for one in played}):
        own = [one for one in played if one.source == source and one.grade in LABELS and one.showed is not False]
        if not own:
            continue
        keys, said = [one.fruit_key for one in own], [covered(one, judge) for one in own]
        wrong = [label not in {None, one.grade} for one, label in zip(own, said, strict=True)]
        found["sources"][source] = {
            "wrong": figure(keys, statistics.share(wrong)),
            "undecided": figure(keys, statistics.share([label is None for label in said])),
        }
    return found
