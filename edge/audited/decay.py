"""Is the machine still as good as was agreed? A test that may be looked at after every fruit. Pure.

Against "each inspected fruit is right with the agreed chance at least, whatever came before" it bets, from every fruit
on anew: the likelihood that the machine has got worse by so much, over that it is as agreed. A bet wins nothing on the
mean while all is well, and so does their sum, in which the bets that begin at the n-th fruit get the share
1 / n - 1 / (n + 1) of the stake (a test martingale by the method of mixtures: Ramdas et al., "Game-theoretic statistics
and safe anytime-valid inference", Statistical Science 38, 2023). By Ville's inequality the chance that the wealth ever
reaches 1 / `false_alarms` is then at most `false_alarms`, however long the machine runs.

That is said of one sequence that only grows, whoever looks at it and when. Fruit count in the order in which they were
drawn. People may be late: the promise holds as long as what they judge next was drawn later. A word on a fruit drawn
earlier, or one that is changed, makes another sequence of which the promise holds as well, but the chance that one of
several sequences alarms is not bounded by it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

FELL_BY = (0.03, 0.06, 0.12, 0.25, 0.5)
"""How much worse it may have got: bets are laid on each."""

_MOST = 1e30


@dataclass(slots=True)
class Decay:
    """One test, as it stands. `since` and `right_since`: the fruit since the likeliest time of a change, and how many
    of them were right."""

    agreed: float
    fruit: int = 0
    bets: list[float] = field(default_factory=lambda: [0.0] * len(FELL_BY))
    since: int = 0
    right_since: float = 0.0
    odds_since: float = 1.0
    highest: float = 1.0

    def take(self, right: float) -> None:
        """One more inspected fruit, in the order in which they were drawn: the part of people who say it was right."""
        self.fruit += 1
        begun = 1 / self.fruit - 1 / (self.fruit + 1)
        gains = [_gain(right, self.agreed, worse) for worse in _worse(self.agreed)]
        self.bets = [
            min(_MOST, (bet + begun / len(FELL_BY)) * gain) for bet, gain in zip(self.bets, gains, strict=True)
        ]
        if self.odds_since <= 1:
            self.since, self.right_since, self.odds_since = 0, 0.0, 1.0
        self.odds_since = min(_MOST, self.odds_since * gains[len(gains) // 2])
        self.since += 1
        self.right_since += right
        self.highest = max(self.highest, self.wealth)

    @property
    def wealth(self) -> float:
        """1 to begin with; high is bad."""
        return sum(self.bets) + 1 / (self.fruit + 1)

    def alarms(self, false_alarms: float) -> bool:
        """Whether it is clear by now that it is no longer as good, or was so once."""
        return self.highest >= 1 / false_alarms


def decay_of(rights: Iterable[float], agreed: float, so_far: Decay | None = None) -> Decay:
    """The test after these fruit, and before them those of `so_far`, which is left as it was."""
    test = Decay(agreed)
    if so_far is not None and so_far.agreed == agreed:
        test = Decay(agreed, so_far.fruit, list(so_far.bets), so_far.since, so_far.right_since, so_far.odds_since)
        test.highest = so_far.highest
    for right in rights:
        test.take(right)
    return test


def _worse(agreed: float) -> Sequence[float]:
    return [max(agreed - by, agreed / 4) for by in FELL_BY]


def _gain(right: float, agreed: float, worse: float) -> float:
    """Linear in what is right: its mean is at most 1 whenever the mean of that is at least as agreed."""
    return right * worse / agreed + (1 - right) * (1 - worse) / (1 - agreed)
