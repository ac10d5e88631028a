"""Sequential tests of a share: is it above a bound, whenever one looks? Pure arithmetic; the one place for it.

A gambler who bets against "at most `bound` of the events are hits" multiplies his stake by 1 + s (1 - bound) / bound
at a hit and by 1 - s at a miss. While the bound holds, whatever came before, his stake does not grow on average (a test
supermartingale), so the chance that it ever reaches 1 / alpha is at most alpha (Ville 1939): one may look after every
event and stop when one likes. Shared evenly among several s the stake stays one, and grows nearly as fast as with the
best of them (Waudby-Smith and Ramdas, Estimating means of bounded random variables by betting, J. R. Stat. Soc. B 86,
2024, sections 4 and 5). Its size is the evidence, an e-value.
"""

from functools import lru_cache
from math import exp, fsum, inf, log, log1p

BETS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8)
"""Each is best where a share of bound + s (1 - bound) is the truth."""

_STEPS = 40
"""Of a bisection: to a millionth of a millionth."""


def evidence_above(hits: int, events: int, bound: float) -> float:
    """Natural logarithm of the evidence that more than `bound` of the events are hits, of so many so far."""
    if bound >= 1:
        return -inf if events else 0.0
    if bound <= 0:
        return inf if hits else 0.0
    stakes = [hits * log1p(s * (1 - bound) / bound) + (events - hits) * log1p(-s) for s in BETS]
    most = max(stakes)
    return most + log(fsum(exp(stake - most) for stake in stakes) / len(stakes))


def evidence_below(hits: int, events: int, bound: float) -> float:
    """The same, that less than `bound` of the events are hits."""
    return evidence_above(events - hits, events, 1 - bound)


def is_above(hits: int, events: int, bound: float, alpha: float) -> bool:
    """Whether more than `bound` of the events are hits. Asked as often as one likes, it says so wrongly with a chance
    of `alpha` at most."""
    if hits <= bound * events:
        return False  # no bet has gained by that
    return evidence_above(hits, events, bound) >= -log(alpha)


@lru_cache(64)  # asked again and again of what no longer changes
def highest_share(hits: int, events: int, alpha: float) -> float:
    """What the share of hits is at most: with a chance of `alpha` it is more, however often one asks. 1 where
    nothing is known."""
    low, high = hits / events if events else 1.0, 1.0
    for _ in range(_STEPS):
        middle = (low + high) / 2
        if evidence_below(hits, events, middle) >= -log(alpha):
            high = middle
        else:
            low = middle
    return high
