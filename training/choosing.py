"""The bundle's thresholds, chosen on passages of validation fruit: what many looks make likelier is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.bundle import Thresholds
from edge.datapath import LABELS, UNKNOWN
from edge.grade.verdict import DAMAGED, label_of
from training.passages import Passage

_HIGHEST = 0.5
"""Of `least_confidence`: a fruit that is likelier one grade than all others together is never in doubt."""

_LEAST_STRANGE = 0.8
"""Of `most_unknown`: training shows a stranger in every fourth look, a line of tomatoes hardly any, so the head's even
chance is far from even."""


def choose(passages: Sequence[Passage], refused: float) -> Thresholds:
    """First damage, then strangeness, then doubt; the last two each cost at most `refused` of the good passages."""
    tomatoes = [passage for passage in passages if passage.grade != UNKNOWN]
    damaged = _damaged(tomatoes)
    most_unknown = _most_unknown(passages, refused)
    graded = [(passage.grade, label_of(passage.fused, damaged, most_unknown)) for passage in tomatoes]
    # Only sound labels can be in doubt: calling a fruit damaged has its own threshold.
    sure = [confidence for grade, (label, confidence) in graded if label == grade != LABELS[DAMAGED]]
    least = float(np.quantile(sure, refused)) if sure else 0.0
    return Thresholds(
        damaged=round(damaged, 4),
        most_unknown=round(most_unknown, 4),
        least_confidence=round(min(_HIGHEST, least), 4),
    )


def _damaged(tomatoes: Sequence[Passage]) -> float:
    """The chance from which most fruit are right, every source and grade weighing the same; of equals, the middle."""
    cells = Counter((passage.source, passage.grade) for passage in tomatoes)
    share = np.array([1 / cells[passage.source, passage.grade] for passage in tomatoes])
    chance = np.array([passage.fused.scores[DAMAGED] for passage in tomatoes])
    is_damaged = np.array([passage.grade == LABELS[DAMAGED] for passage in tomatoes])
    if not is_damaged.any():
        return 0.5
    steps = np.unique(np.concatenate([[0.02], chance, [0.98]]))
    candidates = (steps[1:] + steps[:-1]) / 2
    right = np.array([(share * ((chance >= c) == is_damaged)).sum() for c in candidates])
    best = candidates[right >= right.max() - 1e-9]
    return float(best[len(best) // 2])


def _most_unknown(passages: Sequence[Passage], refused: float) -> float:
    """Between the strangest tomatoes and the strangers, nearer to these: tomatoes of other varieties and cameras look
    stranger than those of validation."""
    kept = _strangeness(passages, strangers=False)
    strangers = _strangeness(passages, strangers=True)
    least = float(np.quantile(kept, 1 - refused)) if len(kept) else 0.5
    most = float(np.quantile(strangers, 0.02)) if len(strangers) else 1.0
    return float(np.clip(least + 0.75 * max(0.0, most - least), _LEAST_STRANGE, 0.98))


def _strangeness(passages: Sequence[Passage], *, strangers: bool) -> NDArray[np.float64]:
    return np.array([p.fused.unknown_score for p in passages if (p.grade == UNKNOWN) == strangers])
