"""A lot held to a grade standard: it meets it, it does not, or so many more fruit are to be inspected.

Wrong in at most `1 - confidence` of lots, of either kind of statement and however often a report is read in between:
"meets" needs every limit to hold at that level (a lot that misses one gets past its test in at most so many cases);
"does not meet" needs the mean evidence against "within the limit" over all limits to reach it (a mean of evidences is
evidence that all of them hold).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from plant.report.lots import evidence_above, evidence_below, least, most
from plant.report.standards import Limit, Standard

CONFIDENCE = 0.95

Says = Literal["meets", "does not meet", "undecided"]


@dataclass(frozen=True, slots=True)
class Count:
    """Of the inspected fruit, how many count against a limit: at the least, and at the worst."""

    least: int
    worst: int


@dataclass(frozen=True, slots=True)
class Against:
    """One limit: what was found, and between which shares the lot's own lies with the confidence."""

    says: str
    at_most: float
    bad: Count
    share: float | None
    low: float
    high: float
    holds: bool


@dataclass(frozen=True, slots=True)
class Statement:
    """`waiting` of the `inspected` are not judged yet: they count for nothing or as bad, whichever is worse. `more`:
    about so many more fruit inspected would decide it, going on as it has, the waiting ones first; None where it is
    decided, or where there is nothing to go by. `sentence` is for people."""

    standard: str
    says: Says
    confidence: float
    fruit: int
    inspected: int
    waiting: int
    limits: tuple[Against, ...]
    more: int | None
    sentence: str

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)


def state(
    rules: Standard,
    fruit: int,
    inspected: int,
    counts: Mapping[str, Count],
    waiting: int = 0,
    confidence: float = CONFIDENCE,
) -> Statement:
    """Of a lot of `fruit`, `inspected` of them drawn at random, of which `waiting` are not judged yet; `counts` by
    limit."""
    alpha = 1 - confidence
    limits = tuple(_against(limit, fruit, inspected, counts[name], alpha) for name, limit in rules.limits.items())
    says = _says(rules, fruit, inspected, counts, limits, alpha)
    more = None
    if says == "undecided" and inspected:
        more = waiting or _more(rules, fruit, inspected, counts, alpha)
    said = _sentence(rules, says, confidence, limits, waiting, more)
    return Statement(rules.says, says, confidence, fruit, inspected, waiting, limits, more, said)


def _against(limit: Limit, fruit: int, inspected: int, bad: Count, alpha: float) -> Against:
    high = most(bad.worst, inspected, fruit, alpha) / fruit
    low = least(bad.least, inspected, fruit, alpha) / fruit
    share = bad.worst / inspected if inspected else None
    return Against(limit.says, limit.at_most, bad, share, low, high, high <= limit.at_most)


def allowed(limit: Limit, fruit: int) -> int:
    """Of a lot, so many may count against it."""
    return math.floor(limit.at_most * fruit + 1e-9)


def _says(
    rules: Standard,
    fruit: int,
    inspected: int,
    counts: Mapping[str, Count],
    limits: Sequence[Against],
    alpha: float,
) -> Says:
    if all(one.holds for one in limits):
        return "meets"
    found = [_evidence_of_too_many(limit, counts[name].least, inspected, fruit) for name, limit in rules.limits.items()]
    return "does not meet" if sum(found) / len(found) >= 1 / alpha else "undecided"


def _evidence_of_too_many(limit: Limit, bad: int, inspected: int, fruit: int) -> float:
    may = allowed(limit, fruit)
    return math.exp(min(700.0, float(evidence_above(bad, inspected, fruit)[may]))) if may < fruit else 0.0


def _more(rules: Standard, fruit: int, inspected: int, counts: Mapping[str, Count], alpha: float) -> int:
    """Going on at the shares found so far."""
    sizes, size = [], inspected
    while size < fruit:
        size = min(fruit, size + max(1, size // 20))
        sizes.append(size)
    low, high = 0, len(sizes) - 1
    while low < high:
        middle = (low + high) // 2
        if _decided(rules, fruit, sizes[middle], inspected, counts, alpha):
            high = middle
        else:
            low = middle + 1
    return sizes[low] - inspected if sizes else 0


def _decided(rules: Standard, fruit: int, size: int, inspected: int, counts: Mapping[str, Count], alpha: float) -> bool:
    """Whether a sample of this size would decide, were it like the one so far."""
    holds, evidence = True, 0.0
    for name, limit in rules.limits.items():
        bad, may = counts[name], allowed(limit, fruit)
        worst, fewest = (round(one * size / inspected) for one in (bad.worst, bad.least))
        refuted = float(evidence_below(worst, size, fruit)[may]) >= -math.log(alpha)
        holds = holds and refuted
        evidence += _evidence_of_too_many(limit, fewest, size, fruit) / len(rules.limits)
    return holds or evidence >= 1 / alpha


def _sentence(
    rules: Standard, says: Says, confidence: float, limits: Sequence[Against], waiting: int, more: int | None
) -> str:
    sure = f"with {100 * confidence:g} % confidence"
    if says == "meets":
        return f"meets {rules.says} {sure}"
    if says == "does not meet":
        worst = max(limits, key=lambda one: one.low - one.at_most)
        return (
            f"does not meet {rules.says}, {sure}: {worst.says}, at least {100 * worst.low:.1f} % where "
            f"{100 * worst.at_most:g} % are allowed"
        )
    if more is None:
        return f"cannot be held to {rules.says}: no fruit of it was inspected, or a part of it was not audited"
    open_ = "; ".join(one.says for one in limits if not one.holds)
    if waiting:
        return f"undecided for {rules.says}: judge the {waiting:,} drawn fruit that wait (open: {open_})"
    unsaid = max(one.bad.worst - one.bad.least for one in limits)
    how = f", and settle {unsaid:,} that people dispute or of which nobody said how badly" if unsaid else ""
    return f"undecided for {rules.says}: inspect about {more:,} more fruit{how} (open: {open_})"
