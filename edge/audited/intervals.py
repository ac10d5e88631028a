"""Intervals of a share, from fruit that were drawn at random, by one chance or by several. Pure, no library."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

_TINY = 1e-300
_TERMS = 300
_STEPS = 80
_CLOSE = 1e-7


@dataclass(frozen=True, slots=True)
class Interval:
    """A share and between which values it lies at the confidence asked for; `inspected` fruit stand behind it, as
    people count them. Without any there is no value, and the interval is everything."""

    value: float | None
    low: float
    high: float
    inspected: float

    @property
    def width(self) -> float:
        return self.high - self.low


@dataclass(frozen=True, slots=True)
class Hit:
    """One inspected fruit, or a part of it where people do not agree: whether it is as asked, and by which chance it
    was drawn."""

    is_so: bool
    chance: float
    part: float = 1.0


def share_of(hits: Sequence[Hit], confidence: float = 0.95) -> Interval:
    """The share of all fruit that are so.

    Each inspected fruit stands for as many as it was drawn out of (Hájek's estimator), so that a chance that changes
    biases nothing. Where it never changed, the interval is that of a plain sample; where it did, that of the plain
    sample that would tell as much: the effective size is the lesser of Kish's (Survey Sampling, 1965) and that by
    the estimate's own variance (Korn and Graubard, Survey Methodology 24, 1998).
    """
    inspected = math.fsum(hit.part for hit in hits)
    if inspected <= 0:
        return Interval(None, 0.0, 1.0, 0.0)
    weights = [hit.part / hit.chance for hit in hits]
    total = math.fsum(weights)
    share = math.fsum(weight for weight, hit in zip(weights, hits, strict=True) if hit.is_so) / total
    size = min(inspected, total * total / math.fsum(w * w / hit.part for w, hit in zip(weights, hits, strict=True)))
    spread = math.fsum(w * w / hit.part * (hit.is_so - share) ** 2 for w, hit in zip(weights, hits, strict=True))
    if spread > 0 and 0 < share < 1:
        size = min(size, share * (1 - share) * total * total / spread)
    low, high = between(round(share * size, 6), round(size, 6), confidence)
    return Interval(share, low, high, inspected)


@functools.lru_cache(maxsize=4_096)
def between(hits: float, of: float, confidence: float = 0.95) -> tuple[float, float]:
    """The mid-P interval of `hits` among `of`, which may be fractions: Clopper and Pearson's, in which what was found
    counts half (Lancaster, J. Am. Stat. Assoc. 56, 1961). It keeps its confidence on the mean and hardly ever goes
    below it, where theirs covers 96 to 99 % and is a tenth wider (Agresti and Gottard, Comput. Stat. Data Anal. 51,
    2007)."""
    tail = (1 - confidence) / 2

    def above(share: float) -> float:
        """The chance of more than was found, and half of that of as many."""
        as_many = 1.0 if hits <= 0 else beta(hits, of - hits + 1, share)
        return (as_many + (0.0 if hits >= of else beta(hits + 1, of - hits, share))) / 2

    low = 0.0 if hits <= 0 else _where(lambda share: above(share) - tail, 0.0, hits / of)
    high = 1.0 if hits >= of else _where(lambda share: above(share) - (1 - tail), hits / of, 1.0)
    return low, high


def _where(rising: Callable[[float], float], low: float, high: float) -> float:
    """Its root between two values, by false position with Illinois' correction."""
    at_low, at_high = rising(low), rising(high)
    side = 0
    for _ in range(_STEPS):
        if high - low < _CLOSE or at_high == at_low:
            break
        middle = (low * at_high - high * at_low) / (at_high - at_low)
        at_middle = rising(middle)
        if abs(at_middle) < _CLOSE:
            return middle
        if at_middle < 0:
            low, at_low = middle, at_middle
            at_high = at_high / 2 if side < 0 else at_high
            side = -1
        else:
            high, at_high = middle, at_middle
            at_low = at_low / 2 if side > 0 else at_low
            side = 1
    return (low + high) / 2


def beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function by its continued fraction (DLMF 8.17.22, Lentz's method)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - beta(b, a, 1 - x)
    front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(front) * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _apart(1 - (a + b) * x / (a + 1))
    found = d
    for m in range(1, _TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d, c = 1 / _apart(1 + term * d), _apart(1 + term / c)
            found *= c * d
        if abs(c * d - 1) < 1e-12:
            break
    return found


def _apart(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
