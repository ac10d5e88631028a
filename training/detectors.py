"""Ways to tell that a look shows nothing learned, all from the int8 outputs: the higher, the stranger.

Energy (Liu et al. 2020), maximum logit (Hendrycks et al. 2022), the k-th nearest learned look (Sun et al. 2022),
Mahalanobis (Lee et al. 2018) with one mean or one a source, ViM (Wang et al. 2022), and the head `known`, the only one
that was shown strangers. `training.strangers` compares them; `edge.grade.unknown` is the one that ships.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from training.reference import reference_of

Values: TypeAlias = NDArray[np.float64]

NEIGHBOUR = 5
_RIPENESS = slice(0, 3)
_KNOWN = 4
_KEPT = 0.9
"""ViM: of the variance of learned looks, what its principal axes hold."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """n looks: `logits` float (n, 5), `features` int8 (n, F), and of each its `sources` (n,)."""

    logits: Values
    features: NDArray[np.int8]
    sources: NDArray[np.str_]


Detector: TypeAlias = Callable[[Outputs], Values]


def detectors(learned: Outputs) -> dict[str, Detector]:
    """Each by its name, fitted to looks at learned tomatoes; and each that does without strangers joined with the head,
    both in spreads of learned tomatoes."""
    alone: dict[str, Detector] = {
        "energy": _energy,
        "max-logit": lambda seen: -seen.logits[:, _RIPENESS].max(axis=1),
        "knn-cosine": _nearest(learned, unit=True),
        "knn-euclid": _nearest(learned, unit=False),
        "knn": _shipped(learned),
        "mahalanobis-one-mean": _mahalanobis(learned, np.full(len(learned.sources), "")),
        "mahalanobis": _mahalanobis(learned, learned.sources),
        "vim": _vim(learned),
    }
    joined = {f"known+{name}": _joined(known, detector, learned) for name, detector in alone.items()}
    return {"known": known, **alone, **joined}


def known(seen: Outputs) -> Values:
    """The head that was shown strangers: outlier exposure."""
    return -seen.logits[:, _KNOWN]


def _energy(seen: Outputs) -> Values:
    highest = seen.logits[:, _RIPENESS].max(axis=1, keepdims=True)
    summed = np.exp(seen.logits[:, _RIPENESS] - highest).sum(axis=1)
    return np.asarray(-(np.log(summed) + highest[:, 0]), np.float64)


def _nearest(learned: Outputs, *, unit: bool) -> Detector:
    """The distance of the k-th nearest learned look; `unit`: of directions from the middle."""
    middle = learned.features.mean(axis=0)
    width = learned.features.std(axis=0) + 1.0

    def placed(seen: Outputs) -> Values:
        rows = (seen.features - middle) / width
        return np.asarray(rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9) if unit else rows, np.float64)

    bank = placed(learned)
    squares = (bank**2).sum(axis=1)

    def distance(seen: Outputs) -> Values:
        rows = placed(seen)
        apart = (rows**2).sum(axis=1)[:, None] + squares - 2 * rows @ bank.T
        return np.sqrt(np.maximum(np.partition(apart, NEIGHBOUR - 1, axis=1)[:, NEIGHBOUR - 1], 0))

    return distance


def _shipped(learned: Outputs) -> Detector:
    """As the device has it."""
    reference = reference_of(learned.features, learned.sources)
    return lambda seen: np.array([reference.distance(row) for row in seen.features])


def _mahalanobis(learned: Outputs, sources: NDArray[np.str_]) -> Detector:
    """From the nearest mean of a source, under the shipped method's covariance."""
    whiten = reference_of(learned.features, sources).whiten
    means = np.stack([learned.features[sources == name].mean(axis=0) for name in np.unique(sources)]) @ whiten.T

    def distance(seen: Outputs) -> Values:
        apart = (seen.features @ whiten.T)[:, None] - means
        return np.asarray(np.sqrt((apart**2).mean(axis=2)).min(axis=1), np.float64)

    return distance


def _vim(learned: Outputs) -> Detector:
    """The part outside the principal axes of learned looks, scaled to the logits, less their energy."""
    middle = learned.features.mean(axis=0)
    _, widths, directions = np.linalg.svd(learned.features - middle, full_matrices=False)
    count = int(np.searchsorted(np.cumsum(widths**2) / (widths**2).sum(), _KEPT)) + 1
    kept = directions[:count]

    def residual(seen: Outputs) -> Values:
        rows = seen.features - middle
        return np.asarray(np.linalg.norm(rows - rows @ kept.T @ kept, axis=1), np.float64)

    scale = learned.logits[:, _RIPENESS].max(axis=1).mean() / (residual(learned).mean() + 1e-9)
    return lambda seen: scale * residual(seen) + _energy(seen)


def _joined(one: Detector, other: Detector, learned: Outputs) -> Detector:
    parts = [(part, *_spread(part(learned))) for part in (one, other)]
    return lambda seen: np.sum([(part(seen) - middle) / width for part, middle, width in parts], axis=0)


def _spread(values: Values) -> tuple[float, float]:
    low, high = np.quantile(values, (0.5, 0.9))
    return float(low), max(float(high - low), 1e-3)
