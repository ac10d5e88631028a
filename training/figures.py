"""What the line would decide of a passage, and the words for it in every table."""

from __future__ import annotations

from edge.bundle import Thresholds
from edge.datapath import LABELS, UNKNOWN
from edge.grade.verdict import DAMAGED, label_of
from training.passages import Passage

DOUBTFUL = "doubtful"
TRUE = (*LABELS, UNKNOWN)
DECIDED = (*TRUE, DOUBTFUL)


def decided_as(passage: Passage, thresholds: Thresholds) -> str:
    """One of DECIDED."""
    label, confidence = label_of(passage.fused, thresholds.damaged, thresholds.most_unknown)
    if label in LABELS[:DAMAGED] and confidence < thresholds.least_confidence:
        return DOUBTFUL
    return label
