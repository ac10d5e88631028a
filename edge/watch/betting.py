"""Bets against "all is as it was": tests that may be looked at after every fruit, whose false alarms are promised.

Each monitor bets on a figure that is 0 or more and whose mean, whatever came before, is at most 1 while all is well. A
bettor who stakes the share f of their wealth multiplies it by 1 + f (x - 1), which wins nothing on the mean. One such
bettor begins at every fruit; all their wealth together (Shiryaev and Roberts' sum) grows by no more than 1 a fruit on
the mean. So does the average over stakes and monitors, whatever ties them to each other: the e-detector of Shin, Ramdas
and Rinaldo, "E-detectors: a nonparametric framework for sequential change detection" (2022). Until that first reaches a
limit A there are at least A fruit on the mean, and the chance that it does within n fruit is at most n / A (Ville and
Doob): alarms a week are set by A.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STAKES = np.array([0.03, 0.1, 0.3, 0.9])
"""Shares of the wealth: small ones find a small change, or one in rare fruit, large ones a great one soon."""

_MOST = 1e30


class Bets:
    """So many monitors. Not thread-safe."""

    def __init__(self, monitors: int) -> None:
        self.wealth: Floats = np.zeros((monitors, len(STAKES)))

    def take(self, x: Floats) -> float:
        """One more fruit: its figures (monitors,), nan where it says nothing. All the wealth there is, on average."""
        gains = 1 + STAKES * (x[:, None] - 1)
        grown = np.minimum((1 + self.wealth) * gains, _MOST)
        self.wealth = np.where(np.isnan(grown), self.wealth, grown)
        return float(self.wealth.mean())

    def begin_anew(self) -> None:
        """After an alarm, or where what was bet on is no longer the same."""
        self.wealth[:] = 0


def limit(fruit_per_week: float, alarms_per_week: float) -> float:
    """The wealth at which to raise the alarm, for at most so many false ones a week."""
    return max(1.0, fruit_per_week / alarms_per_week)
