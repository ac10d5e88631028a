"""What fruit looked like while all was well: learned on the machine, from the first fruit after a bundle took over.

The first quarter of them, 500 at most, says where the middle is, the rest how far a healthy machine strays from it;
each by what the fruit were called, so that another mix is no change. A grade that was not in season meanwhile is
learned when it comes. Light, detail and colour are the machine's own and are handed from bundle to bundle; the
network's answers are not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot, sqrt

import numpy as np

from edge.datapath import LABELS
from edge.watch.kernel import FREQUENCIES, Floats, Kernel
from edge.watch.observed import GRADES, Observed

MONITORS = ("strange", "doubt", "torn", "blur", "light", "tint", "colour", "features")
"""The unknown score, doubt, looks that disagree, loss of detail, the empty belt's brightness and colour, the fruit's
colour against the nearest grade's, the network's features."""

STRANGE, DOUBT, TORN, BLUR, LIGHT, TINT, COLOUR, FEATURES = range(len(MONITORS))

TOLERANCE = np.array([0.03, 0.03, 0.03, 0.08, 0.10, 0.06, 0.4, 0.07])
"""How much more than in the reference is still no decay: what a season, a day's temperature and another field's fruit
may do. In the monitors' own units: shares, logarithms, squared deviations, and distance between mean features."""

_POOLED = np.array([name in ("strange", "light", "tint", "colour") for name in MONITORS])
"""Those that no grade matters to."""

_FEWEST = 50
"""Fruit of a grade before it is judged on its own."""
_MIDDLE_BY = 500
"""Fruit at most that say where the middle is: they are held until then, and a step of the line works it out at once."""
_SURE = 2.0
"""Standard errors by which a reference may be too low."""
_FLOOR = 0.6
"""No fruit pays less than minus so much in the witness's direction: below it nearly none does."""
_MOST_ODD = 9.0
_FURTHEST = 2.5
"""Deviations of colour up to which features are told from it."""
_RIDGE = 1.0
"""Fruit's worth of belief that features do not hang on colour."""


@dataclass(slots=True)
class Middle:
    """Where the middle of the reference is. `belt` (3,) and `detail` (grades,) as in Observed, nan where they were not
    measured; `colours` (grades, 3) and `spreads` (grades, 3, 3): mean, and what takes differences to deviations."""

    belt: Floats
    detail: Floats
    colours: Floats
    spreads: Floats
    kernel: Kernel | None

    @classmethod
    def of(cls, fruit: list[Observed]) -> Middle:
        detail, colours = np.full(len(GRADES), np.nan), np.full((len(GRADES), 3), np.nan)
        spreads = np.full((len(GRADES), 3, 3), np.nan)
        whole = float(np.median([one.detail for one in fruit]))
        for grade in range(len(GRADES)):
            some = [one for one in fruit if one.grade == grade]
            enough = len(some) >= _FEWEST // 2
            detail[grade] = np.median([one.detail for one in some]) if enough else whole
            seen = np.array([one.colour for one in some if one.colour is not None])
            if enough and len(seen) == len(some):
                colours[grade] = seen.mean(0)
                spreads[grade] = np.linalg.inv(np.linalg.cholesky(np.cov(seen.T) + np.eye(3) * 1e-3))
        belts = [one.belt for one in fruit if one.belt is not None]
        belt = np.median(belts, axis=0) if belts else np.full(3, np.nan)
        return cls(np.asarray(belt, float), detail, colours, spreads, _kernel(fruit))

    def figures(self, one: Observed) -> Floats:
        """A fruit's monitors but the features, (monitors,): 0 or more, nan where it says nothing."""
        belt = np.abs(np.array(one.belt) - self.belt) if one.belt is not None else np.full(3, np.nan)
        return np.array(
            [
                one.strange,
                one.doubt,
                one.torn,
                max(0.0, min(1.0, self.detail[one.grade] - one.detail)),
                min(1.0, belt[0]),
                min(1.0, max(belt[1], belt[2])),
                self._odd(one),
                np.nan,
            ]
        )

    def shade(self, one: Observed) -> Floats:
        """What features of one grade are told from, (4,): 1, and by how many deviations its colour is off the grade's.
        Riper or paler fruit of a grade are a season's doing, and so are the features that go with that."""
        found = np.array([1.0, 0.0, 0.0, 0.0])
        if one.colour is not None:
            apart = self.spreads[one.grade] @ (one.colour - self.colours[one.grade])
            found[1:] = np.nan_to_num(np.clip(apart, -_FURTHEST, _FURTHEST))
        return found

    def _odd(self, one: Observed) -> float:
        """From the nearest grade's colours, squared and by dimension. Of a grade that was not in season while colours
        were learned, nothing is said."""
        if one.colour is None or (one.grade < len(LABELS) and np.isnan(self.colours[one.grade, 0])):
            return np.nan
        apart = np.einsum("gij,gj->gi", self.spreads, one.colour - self.colours)
        near = (apart * apart).sum(1)
        return float(min(_MOST_ODD, np.nanmin(near) / 3)) if not np.isnan(near).all() else np.nan


def _kernel(fruit: list[Observed]) -> Kernel | None:
    found = [one.features for one in fruit if one.features is not None]
    return Kernel.fitted(np.array(found)) if len(found) == len(fruit) else None


@dataclass(slots=True)
class Reference:
    """One bundle's on this machine. `sums`, `squares` and `counts` are by grade and monitor; `shades` and `mapped` the
    normal equations by which a fruit's random features are told from its grade and its colour."""

    bundle: str
    size: int
    middle: Middle | None = None
    fruit: int = 0
    sums: Floats = field(default_factory=lambda: np.zeros((len(GRADES), len(MONITORS))))
    squares: Floats = field(default_factory=lambda: np.zeros((len(GRADES), len(MONITORS))))
    counts: Floats = field(default_factory=lambda: np.zeros((len(GRADES), len(MONITORS))))
    shades: Floats = field(default_factory=lambda: np.zeros((len(GRADES), 4, 4)))
    mapped: Floats = field(default_factory=lambda: np.zeros((len(GRADES), 4, 2 * FREQUENCIES)))
    _first: list[Observed] = field(default_factory=list)
    _limits: Floats | None = None
    _told_from: Floats | None = None

    @property
    def ready(self) -> bool:
        return self.fruit >= self.size

    def learn(self, one: Observed, before: Reference | None = None) -> None:
        """One more fruit of a machine that is well. `before`: the bundle's before this one, whose light is kept."""
        self.fruit += 1
        if self.middle is None:
            self._first.append(one)
            if len(self._first) >= min(self.size // 4, _MIDDLE_BY):
                self.middle = _inherited(Middle.of(self._first), before)
                self._first = []
            return
        figures = self.middle.figures(one)
        seen = ~np.isnan(figures)
        self.sums[one.grade] += np.where(seen, figures, 0)
        self.squares[one.grade] += np.where(seen, figures * figures, 0)
        self.counts[one.grade] += seen
        self._map(one)
        self._limits = self._told_from = None

    def belated(self, one: Observed) -> bool:
        """Whether a fruit is of a grade that has not been learned: it is learned in place of being judged by it."""
        return self.middle is not None and self.counts[one.grade, DOUBT] < _FEWEST

    def limits(self) -> Floats:
        """The most that is usual, (grades, monitors)."""
        if self._limits is None:
            sums, squares, counts = self.sums, self.squares, self.counts
            alone = (counts >= _FEWEST) & ~_POOLED
            whole = [np.broadcast_to(each.sum(0), each.shape) for each in (sums, squares, counts)]
            sums, squares, counts = (
                np.where(alone, own, every) for own, every in zip((sums, squares, counts), whole, strict=True)
            )
            known = np.maximum(counts, 1)
            mean = sums / known
            error = np.sqrt(np.maximum(squares / known - mean * mean, 0) / known)
            self._limits = mean + _SURE * error + TOLERANCE
        return self._limits

    def apart(self, one: Observed) -> tuple[Floats, float] | None:
        """A fruit's random features less those that go with its grade and colour, and how far the latter may be off,
        having been learned from so few; None where they are not known."""
        if self.middle is None or self.middle.kernel is None or one.features is None:
            return None
        if (fruit := float(self.shades[one.grade, 0, 0])) < _FEWEST:
            return None
        if self._told_from is None:
            normal = self.shades + _RIDGE * np.diag([0.0, 1, 1, 1]) + 1e-9 * np.eye(4)
            self._told_from = np.asarray(np.linalg.solve(normal, self.mapped), np.float64)
        told_from = self._told_from[one.grade]
        usual = self.middle.shade(one) @ told_from
        off = sqrt(max(0.0, 1 - float(told_from[0] @ told_from[0])) / fruit)
        return self.middle.kernel.map(one.features) - usual, off

    def _map(self, one: Observed) -> None:
        if self.middle and self.middle.kernel and one.features is not None:
            shade = self.middle.shade(one)
            self.shades[one.grade] += np.outer(shade, shade)
            self.mapped[one.grade] += np.outer(shade, self.middle.kernel.map(one.features))


def pays(along: float, slack: float) -> float:
    """The features' figure against its limit: at most 1 on the mean while they are as they were. What a season does and
    what the reference is off by have nothing to do with each other: they add up as squares."""
    return max(0.0, _FLOOR + along) / (_FLOOR + hypot(float(TOLERANCE[FEATURES]), slack))


def _inherited(middle: Middle, before: Reference | None) -> Middle:
    if before is not None and before.middle is not None:
        middle.belt, middle.detail = before.middle.belt, before.middle.detail
        middle.colours, middle.spreads = before.middle.colours, before.middle.spreads
    return middle
