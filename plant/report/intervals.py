"""Intervals of a share: exact for counts of fruit that were drawn alike, and for weighted ones by the size of a plain
sample that would tell as much."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

Interval = tuple[float, float]

_TINY = 1e-300
_STEPS = 200


def clopper_pearson(hits: float, of: float, confidence: float = 0.95) -> Interval:
    """The exact two-sided interval of `hits` among `of`, which may be fractions; (0, 1) of none."""
    if of <= 0:
        return 0.0, 1.0
    tail = (1 - confidence) / 2
    low = 0.0 if hits <= 0 else _quantile(tail, hits, of - hits + 1)
    high = 1.0 if hits >= of else _quantile(1 - tail, hits + 1, of - hits)
    return low, high


def weighted_share(
    drawn: Iterable[tuple[bool, float]], confidence: float = 0.95
) -> tuple[float | None, Interval, float]:
    """Share, interval and effective size from (hit, chance of being drawn): each counts for the fruit that it stands
    for (Hájek's estimator), and the interval is the exact one at Kish's effective size."""
    total = hits = squares = 0.0
    for hit, chance in drawn:
        weight = 1 / chance
        total, hits, squares = total + weight, hits + weight * hit, squares + weight * weight
    if not total:
        return None, (0.0, 1.0), 0.0
    share, size = hits / total, total * total / squares
    return share, clopper_pearson(share * size, size, confidence), size


def binomial_tail(at_least: int, of: int, chance: float) -> float:
    """The chance of so many or more."""
    if at_least <= 0:
        return 1.0
    return incomplete_beta(at_least, of - at_least + 1, chance) if at_least <= of else 0.0


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function by its continued fraction (DLMF 8.17.22, Lentz's method)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _apart(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _STEPS):
        for term in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d, c = 1 / _apart(1 + term * d), _apart(1 + term / c)
            found *= c * d
        if abs(c * d - 1) < 1e-14:
            break
    return found


def _apart(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _quantile(chance: float, a: float, b: float) -> float:
    return bisect(lambda x: incomplete_beta(a, b, x) < chance, 0.0, 1.0)


def bisect(is_below: Callable[[float], bool], low: float, high: float) -> float:
    """Where `is_below` turns false."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if is_below(middle) else (low, middle)
    return (low + high) / 2
