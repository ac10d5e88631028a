"""Averages over fruit: what a cause is named by, and whether an alarm is over."""

from __future__ import annotations

import numpy as np

from edge.watch.kernel import Floats
from edge.watch.observed import Observed
from edge.watch.reference import MONITORS, Middle


class Means:
    """Of some fruit: their monitors against the most that is usual, and where belt and detail lie."""

    def __init__(self) -> None:
        self.fruit = 0
        self._sums = np.zeros((2, len(MONITORS) + 4))

    def take(self, against: Floats, one: Observed, middle: Middle) -> None:
        belt = np.array(one.belt) - middle.belt if one.belt is not None else np.full(3, np.nan)
        figures = np.concatenate((against, belt, [one.detail - middle.detail[one.grade]]))
        seen = ~np.isnan(figures)
        self._sums[0] += np.where(seen, figures, 0)
        self._sums[1] += seen
        self.fruit += 1

    @property
    def against(self) -> Floats:
        return self._means()[: len(MONITORS)]

    @property
    def apart(self) -> Floats:
        """Belt (3,) and detail, as in `causes.Recent`."""
        return self._means()[len(MONITORS) :]

    def _means(self) -> Floats:
        sums, counts = self._sums
        means: Floats = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
        return means


def mean(against: Floats) -> Floats:
    """Of fruit (N, monitors), by monitor; 0 for one that none of them says anything of."""
    seen = ~np.isnan(against)
    means: Floats = np.where(seen, against, 0).sum(0) / np.maximum(1, seen.sum(0))
    return means
