"""What the line would decide of a passage, and the words for it in every table."""

from __future__ import annotations

from edge.bundle import Thresholds
from edge.datapath import LABELS, UNKNOWN
from edge.grade.fusion import Judge
from training.passages import Passage

DOUBTFUL = "doubtful"
TRUE = (*LABELS, UNKNOWN)
DECIDED = (*TRUE, DOUBTFUL)


def decided_as(passage: Passage, thresholds: Thresholds) -> str:
    """As `decided_by`, for one passage."""
    return decided_by(passage, Judge.of(thresholds))


def decided_by(passage: Passage, judge: Judge) -> str:
    """One of DECIDED, by the bundle's thresholds alone: no profile's, no promise and no money."""
    grades, looks = passage.grades(judge), max(1, len(passage.looks))
    label, confidence = judge.label(grades, looks)
    return DOUBTFUL if label != UNKNOWN and judge.doubts(grades, label, confidence, looks) else label
