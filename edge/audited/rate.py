"""By which chance fruit are drawn: as many as the intervals still need, as far as inspection may cost. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.audited.estimate import Estimate
from edge.audited.intervals import Interval

FEWEST = 5
"""Inspected fruit of a grade before its interval has a say: one that hardly ever comes would call for everything."""

_BEHIND = 30
"""So many drawn fruit may wait for people beside as many as they have reviewed: to draw more tells nothing sooner."""

_STEP = 1.25
"""A share that is changed by less than this factor is left."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What the share is chosen by. `width`: of a 95 % interval; `cost` of one inspection, and the most that an hour's
    inspections may cost, None without limit."""

    least: float
    most: float
    width: float
    cost: float = 0.0
    most_cost_per_hour: float | None = None


def next_share(share: float, found: Estimate, terms: Terms, fruit_per_hour: float, hours: float) -> float:
    """The share from now on. `found`: from the fruit drawn in the last `hours`.

    An interval is as wide as one over the root of the fruit behind it, so each says how many inspected fruit there
    would have to be for the width asked for; the neediest counts.
    """
    if fruit_per_hour <= 0:
        return share
    needed = max((found.reviewed * (one.width / terms.width) ** 2 for one in _told(found)), default=0.0)
    wanted = needed / (fruit_per_hour * hours) if needed else share
    if found.drawn - found.reviewed > found.reviewed + _BEHIND:
        wanted = min(wanted, share)
    if terms.most_cost_per_hour is not None and terms.cost > 0:
        wanted = min(wanted, terms.most_cost_per_hour / (terms.cost * fruit_per_hour))
    wanted = min(terms.most, max(terms.least, wanted))
    near = share / _STEP < wanted < share * _STEP and terms.least <= share <= terms.most
    return share if near else float(f"{wanted:.3g}")


def _told(found: Estimate) -> Iterator[Interval]:
    for each in (found.accuracy, *found.precision.values(), *found.recall.values()):
        if each.inspected >= FEWEST:
            yield each
