"""Statistics of looks and passages with intervals that draw physical fruit: looks of one fruit are not independent.

A statistic takes weights (draws, n), one a look, and gives (draws,), NaN where it has no value. The figure itself is
the statistic at even weights; its interval the middle 95 % over bootstrap draws of whole fruit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Weights: TypeAlias = NDArray[np.float64]
Statistic: TypeAlias = Callable[[Weights], NDArray[np.float64]]
Figure: TypeAlias = dict[str, Any]
"""`value` (None where there is none), `interval` [low, high] (None where fewer than five fruit stand behind it),
`fruit`, `n`."""

DRAWS = 500
FEWEST = 5


def figure(keys: Sequence[str], statistic: Statistic, seed: int = 0) -> Figure:
    """The statistic over looks whose physical fruit are `keys`."""
    names, of = np.unique(np.asarray(keys, dtype=np.str_), return_inverse=True)
    value = float(statistic(np.ones((1, len(keys))))[0]) if keys else math.nan
    interval = None
    if len(names) >= FEWEST and not math.isnan(value):
        drawn = np.random.default_rng(seed).multinomial(len(names), np.full(len(names), 1 / len(names)), DRAWS)
        found = statistic(drawn[:, of].astype(np.float64))
        interval = [round(float(edge), 4) for edge in np.nanquantile(found, (0.025, 0.975))]
    return {
        "value": None if math.isnan(value) else round(value, 4),
        "interval": interval,
        "fruit": len(names),
        "n": len(keys),
    }


def bools(values: Sequence[bool]) -> NDArray[np.bool_]:
    return np.array(values, bool)


def share(hits: Sequence[bool] | NDArray[np.bool_]) -> Statistic:
    """Of all looks, those that hit."""
    return ratio(hits, np.ones(len(hits), bool))


def ratio(hits: Sequence[bool] | NDArray[np.bool_], among: Sequence[bool] | NDArray[np.bool_]) -> Statistic:
    """Of the looks `among`, those that hit."""
    top, bottom = np.asarray(hits, bool) & np.asarray(among, bool), np.asarray(among, bool)
    return lambda weights: _over(weights @ top.astype(float), weights @ bottom.astype(float))


def f1(hits: NDArray[np.bool_], called: NDArray[np.bool_], are: NDArray[np.bool_]) -> Statistic:
    """The harmonic mean of precision and recall."""
    both = called.astype(float) + are.astype(float)
    return lambda weights: _over(2 * (weights @ hits.astype(float)), weights @ both)


def balanced(hits: NDArray[np.bool_], classes: Sequence[str]) -> Statistic:
    """The mean of the shares of each class, so that a rare one weighs as much as a common one."""
    of = np.asarray(classes)
    parts = [ratio(hits, of == name) for name in sorted(set(classes))]
    return lambda weights: np.mean([part(weights) for part in parts], axis=0)


def average_precision(scores: Sequence[float], are: Sequence[bool]) -> Statistic:
    """The area under precision over recall, a step at each score that occurs."""
    order, ends = _descending(scores)
    positive = np.asarray(are, bool)[order]

    def area(weights: Weights) -> NDArray[np.float64]:
        own = weights[:, order]
        hits, seen = np.cumsum(own * positive, axis=1)[:, ends], np.cumsum(own, axis=1)[:, ends]
        gained = np.diff(hits, axis=1, prepend=0.0)
        return _over((gained * _over(hits, seen, empty=0.0)).sum(axis=1), hits[:, -1])

    return area


def recall_at(precision: float, scores: Sequence[float], are: Sequence[bool]) -> Statistic:
    """The most that can be found while so many of those called are right; 0 where no threshold does it."""
    order, ends = _descending(scores)
    positive = np.asarray(are, bool)[order]

    def most(weights: Weights) -> NDArray[np.float64]:
        own = weights[:, order]
        hits, seen = np.cumsum(own * positive, axis=1)[:, ends], np.cumsum(own, axis=1)[:, ends]
        held = np.where(_over(hits, seen, empty=0.0) >= precision, hits, 0.0).max(axis=1)
        return _over(held, hits[:, -1])

    return most


def auroc(scores: Sequence[float], are: Sequence[bool]) -> Statistic:
    """The chance that one that is scores higher than one that is not; half where they score the same."""
    order, ends = _descending(scores)
    positive = np.asarray(are, bool)[order]

    def chance(weights: Weights) -> NDArray[np.float64]:
        own = weights[:, order]
        hits, false = (np.cumsum(own * part, axis=1)[:, ends] for part in (positive, ~positive))
        gained = np.diff(hits, axis=1, prepend=0.0)
        before = false - np.diff(false, axis=1, prepend=0.0) / 2
        above = 1 - _over(before, false[:, -1:])
        return _over((gained * above).sum(axis=1), hits[:, -1])

    return chance


def passed_at(kept: float, scores: Sequence[float], strange: Sequence[bool]) -> Statistic:
    """FPR95 at `kept` 0.95: the share of strangers that pass as known where so many of the known pass."""
    order = np.argsort(np.asarray(scores), kind="stable")
    stranger, ranked = np.asarray(strange, bool)[order], np.asarray(scores)[order]

    def passing(weights: Weights) -> NDArray[np.float64]:
        own = weights[:, order]
        known = np.cumsum(own * ~stranger, axis=1)
        reached = (known >= kept * known[:, -1:] - 1e-9).argmax(axis=1)
        below = ranked[None, :] <= ranked[reached][:, None]
        strangers = own * stranger
        return _over((strangers * below).sum(axis=1), strangers.sum(axis=1))

    return passing


def _descending(scores: Sequence[float]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The order from the highest, and the last place of each score that occurs."""
    values = np.asarray(scores, float)
    order = np.argsort(-values, kind="stable")
    ranked = values[order]
    return order, np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))


def _over(top: NDArray[np.float64], bottom: NDArray[np.float64], empty: float = math.nan) -> NDArray[np.float64]:
    found = np.full(np.broadcast_shapes(top.shape, bottom.shape), empty)
    np.divide(top, bottom, out=found, where=bottom > 0)
    return found
