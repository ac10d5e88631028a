"""How sure a count makes a share."""

import math


def upper_95(hits: int, of: int) -> float:
    """The largest share that would still give so few hits or fewer in 5 % of such runs: the exact one-sided bound of
    Clopper and Pearson, by bisection. 1.0 of nothing."""
    if hits >= of:
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if _at_most(hits, of, middle) > 0.05 else (low, middle)
    return high


def _at_most(hits: int, of: int, share: float) -> float:
    """The chance of so many hits or fewer."""
    logs = (
        math.lgamma(of + 1) - math.lgamma(k + 1) - math.lgamma(of - k + 1)
        + k * math.log(share) + (of - k) * math.log1p(-share)
        for k in range(hits + 1)
    )  # fmt: skip
    return sum(map(math.exp, logs))
