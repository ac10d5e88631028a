"""How many bad fruit a lot holds at most and at least, from an inspected sample: bounds that stay right however often
they are looked at.

A sample grows: somebody reads the report, inspects more because it says so, and reads it again. Bounds for one look at
a sample of a size that was fixed beforehand are wrong more often than they say under that habit. These are from test
martingales: the likelihood of the sample under an even mixture of lots on the better side of a limit, over that under
the lot at the limit; the chance that this ever passes 1/alpha in a lot at the limit is at most alpha (Ville), and for
lots beyond it less (turn bad fruit into good ones: the ratio grows at every look). Fruit are drawn without putting
back, so a lot that was inspected whole is known. After Waudby-Smith and Ramdas, Confidence sequences for sampling
without replacement, 2020.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

WIDER = 3
"""The mixture against "at most K bad" reaches from K to so many times K: lots that fail do so by a little."""
_FLOOR = 12


@functools.lru_cache(maxsize=4)
def _log_factorials(fruit: int) -> Floats:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, fruit + 1)))])


def log_likelihoods(bad: int, drawn: int, fruit: int) -> Floats:
    """Of a sequence with `bad` among `drawn`, for each number 0 to `fruit` of bad fruit in the lot."""
    table = _log_factorials(fruit)
    held = np.arange(fruit + 1)
    possible = (held >= bad) & (fruit - held >= drawn - bad)
    found = np.full(fruit + 1, -np.inf)
    some = held[possible]
    found[possible] = table[some] - table[some - bad] + table[fruit - some] - table[fruit - some - (drawn - bad)]
    return found


def evidence_below(bad: int, drawn: int, fruit: int) -> Floats:
    """Log of the evidence against "K or more are bad", for K = 1 to `fruit`, at index K - 1."""
    found = log_likelihoods(bad, drawn, fruit)
    mixed = np.logaddexp.accumulate(found)[:-1] - np.log(np.arange(1, fruit + 1))
    return _against(mixed, found[1:])


def evidence_above(bad: int, drawn: int, fruit: int) -> Floats:
    """Log of the evidence against "K or fewer are bad", for K = 0 to `fruit` - 1, at index K."""
    found = log_likelihoods(bad, drawn, fruit)
    peak = found.max()
    sums = np.concatenate([[0.0], np.cumsum(np.exp(found - peak))])
    first = np.arange(1, fruit + 1)
    last = np.minimum(fruit, WIDER * (first - 1) + _FLOOR)
    with np.errstate(divide="ignore"):
        mixed = np.log(np.maximum(0.0, sums[last + 1] - sums[first])) + peak - np.log(last - first + 1)
    return _against(mixed, found[:-1])


def most(bad: int, drawn: int, fruit: int, alpha: float) -> int:
    """The lot holds at most so many bad fruit, wrongly said in at most `alpha` of lots."""
    kept = np.flatnonzero(evidence_below(bad, drawn, fruit) < -np.log(alpha))
    return int(kept[-1]) + 1 if len(kept) else 0


def least(bad: int, drawn: int, fruit: int, alpha: float) -> int:
    """The lot holds at least so many bad fruit, wrongly said in at most `alpha` of lots."""
    kept = np.flatnonzero(evidence_above(bad, drawn, fruit) < -np.log(alpha))
    return int(kept[0]) if len(kept) else fruit


def _against(mixed: Floats, at: Floats) -> Floats:
    """The log of the ratio; an impossible lot is refuted beyond all doubt."""
    return np.where(np.isneginf(at), np.inf, mixed - np.where(np.isneginf(at), 0.0, at))
