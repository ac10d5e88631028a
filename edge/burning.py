"""What the indicators of `edge.indicators` count as good and bad, and when a budget burns too fast: one rule, by which
the machine raises its alarm and reports look back.

A burn counts where it is clear: what was bad in the long window beyond the budget is at least three times the root of
the sum of squares of what each event added, so that one bad fruit of one that was judged alarms nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from edge.datapath import BELT_END, LABELS
from edge.indicators import Burn, Counted, Indicator

Floats = NDArray[np.float64]

CLEAR = 3.0
MOST_BAD = 0.5
"""No rule asks for more: with a large budget, its rate may be beyond what all events being bad would reach."""

_SOUND = LABELS[:-1]
_MS = 1_000_000


def squares(budget: float, there: NDArray[np.int64], bad: NDArray[np.int64]) -> Floats:
    """The sum, over `there` events that are good or bad, of the squares of what each has bad beyond the budget."""
    return bad * (1 - 2 * budget) + there * budget**2


def burning(rule: Burn, one: Indicator, long: Floats, short: Floats) -> tuple[NDArray[np.bool_], Floats]:
    """Whether a rule holds, and how fast the budget burnt over its long window. `long`, `short`: float64 (3, ...), of
    that window what there was, what of it was bad, and the squares."""
    reached = min(rule.rate(one.window_days), MOST_BAD / one.budget)
    with np.errstate(invalid="ignore", divide="ignore"):
        rates = [np.where(there > 0, bad / (there * one.budget), 0.0) for there, bad, _ in (long, short)]
    there, bad, spread = long
    clear = bad - one.budget * there >= CLEAR * np.sqrt(spread)
    return (rates[0] >= reached) & (rates[1] >= reached) & clear & (rates[0] > 0), rates[0]


def judged(
    parts: Sequence[tuple[str, float]],
    outlet: str,
    route: Mapping[str, str],
    worth: Mapping[str, Mapping[str, float]],
) -> Iterator[tuple[Counted, float, float]]:
    """What a fruit of the audit that was sent to `outlet` counts for, and how much of that is bad. `parts`: what it is,
    and by which part of people's words; nobody yet: none."""
    if not parts:
        return
    yield "right", 1.0, sum(part for truth, part in parts if route.get(truth, BELT_END) != outlet)
    if outlet in good_outlets(route):
        yield "sound", 1.0, sum(part for truth, part in parts if truth not in _SOUND)
    best = sum(part * max(worth[truth].values()) for truth, part in parts if truth in worth)
    brought = sum(part * worth[truth].get(outlet, 0.0) for truth, part in parts if truth in worth)
    if best > 0:
        yield "worth", best, best - brought


def good_outlets(route: Mapping[str, str]) -> frozenset[str]:
    """Those of sound labels."""
    return frozenset(outlet for label, outlet in route.items() if label in _SOUND and outlet != BELT_END)


def is_overlong(opened_at_ns: int, closed_at_ns: int, longest_ms: float) -> bool:
    """Whether a gate was open beyond what is allowed, and what its line costs."""
    return (closed_at_ns - opened_at_ns) / _MS > longest_ms + 1
