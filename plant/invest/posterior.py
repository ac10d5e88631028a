"""What is known of where fruit go and what that brings, as draws: every option's worth is a figure of each draw.

Shares of true grade by outlet are a Dirichlet posterior of the audited fruit (`plant.report.worth`); how much fruit a
month brings is drawn again by days.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.datapath import BELT_END
from edge.sections import Money
from plant.invest.basis import Basis
from plant.report.worth import DRAWS, posterior, weigh

Floats = NDArray[np.float64]
MONTH_DAYS = 30.44


@dataclass(frozen=True, slots=True)
class Known:
    """`shares`: (draws, truths, outlets), of all fruit, what they are and where they are sent; `worth`: of one such
    fruit; `own`: for each truth the place of the outlet where it belongs; `fruit`: in a month, a draw each."""

    truths: tuple[str, ...]
    outlets: tuple[str, ...]
    shares: Floats
    worth: Floats
    own: NDArray[np.intp]
    fruit: Floats
    hours: Floats
    money: Money
    rng: np.random.Generator

    @property
    def mix(self) -> Floats:
        """(draws, truths)."""
        return np.asarray(self.shares.sum(axis=2))

    def of(self, truth: str) -> int:
        return self.truths.index(truth)

    def beyond_the_end(self, graded: bool = False) -> Floats:
        """What a fruit that is decided brings more than at the belt's end, (draws,); `graded`: that goes elsewhere."""
        end = self.outlets.index(BELT_END)
        more = (self.shares * (self.worth - self.worth[:, [end]])[None]).sum(axis=(1, 2))
        return np.asarray(more / (1 - self.shares[:, :, end].sum(axis=1)) if graded else more)


def known(basis: Basis, seed: int = 0) -> Known:
    """From what a ledger showed."""
    money, rng = basis.plant.money, np.random.default_rng(seed)
    names, drawn = posterior(weigh([one.fruit for one in basis.judged], money).cells, money, seed)
    truths = tuple(dict.fromkeys(truth for truth, _ in names))
    outlets = tuple(dict.fromkeys([*(outlet for _, outlet in names), BELT_END]))
    shares, worth = np.zeros((len(drawn), len(truths), len(outlets))), np.zeros((len(truths), len(outlets)))
    for n, (truth, outlet) in enumerate(names):
        at = truths.index(truth), outlets.index(outlet)
        shares[:, at[0], at[1]], worth[at] = drawn[:, n], money.worth[truth][outlet]
    own = np.array([outlets.index(basis.plant.route.get(truth, BELT_END)) for truth in truths])
    months = _months(basis, rng)
    return Known(truths, outlets, shares, worth, own, months * basis.fruit, months * basis.hours, money, rng)


def _months(basis: Basis, rng: np.random.Generator) -> Floats:
    """By how much to multiply what was seen to have a month of it: by calendar days from the first to the last, those
    with fruit drawn again where there are at least three."""
    counts = np.array([basis.days[day] for day in sorted(basis.days)], float)
    span = (max(basis.days) - min(basis.days)).days + 1
    factor = np.full(DRAWS, MONTH_DAYS / span)
    if len(counts) >= 3:
        again = rng.choice(counts, (DRAWS, len(counts))).mean(axis=1)
        factor = factor * again / counts.mean()
    return factor
