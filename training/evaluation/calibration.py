"""Whether a confidence of 0.9 is right nine times in ten: reliability by bins, and the expected calibration error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.datapath import LABELS, UNKNOWN
from training.evaluation.statistics import Figure, Weights, figure
from training.passages import Passage

_BINS = 10


def calibration(played: Sequence[Passage]) -> dict[str, Any]:
    """`ece` (a figure) and `bins` (`confidence`, `right`, `n`) of the likeliest label's score, tomatoes alone."""
    known = [one for one in played if one.grade != UNKNOWN]
    best = [int(np.argmax(one.fused.scores)) for one in known]
    confidence = np.array([one.fused.scores[label] for one, label in zip(known, best, strict=True)])
    right = np.array([LABELS[label] == one.grade for one, label in zip(known, best, strict=True)], float)
    place = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    rows = []
    for n in range(_BINS):
        own = place == n
        if own.any():
            means = {"confidence": round(float(confidence[own].mean()), 4), "right": round(float(right[own].mean()), 4)}
            rows.append({**means, "n": int(own.sum())})
    return {"ece": _ece([one.fruit_key for one in known], confidence, right, place), "bins": rows}


def _ece(
    keys: list[str], confidence: NDArray[np.float64], right: NDArray[np.float64], place: NDArray[np.int_]
) -> Figure:
    """Guo et al. 2017: the mean over bins of |share right - mean confidence|, each bin weighing what it holds."""
    apart = right - confidence
    member = (place[:, None] == np.arange(_BINS)).astype(float)

    def error(weights: Weights) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.abs((weights * apart) @ member).sum(axis=1) / weights.sum(axis=1)
        return found

    return figure(keys, error)
