"""How far fruit have moved from what was usual, figure by figure: the population stability index, for people to read.

PSI = sum of (p - q) ln(p / q) over the classes of a figure, p now and q usually: below 0.1 as good as nothing, above
0.25 another population (Siddiqi, "Credit Risk Scorecards", 2006). It promises nothing of false alarms and raises none:
a season moves `mix` and `size`, and that is told as news.
"""

from __future__ import annotations

from bisect import bisect

import numpy as np

from edge.watch.kernel import Floats
from edge.watch.observed import GRADES, Observed

_SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5)
EDGES: dict[str, tuple[float, ...]] = {
    "mix": tuple(range(1, len(GRADES))),
    "doubt": _SHARES,
    "strange": _SHARES,
    "torn": _SHARES,
    "size": tuple(range(30, 105, 5)),
}
"""The figures, and where their classes end: the grade that fruit are called, doubt, unknown score, looks that disagree,
and length in millimetres."""

_CLASSES = max(map(len, EDGES.values())) + 1
_SMOOTH = 1 / 1_000
_HALF = 0.5
MOVED = 0.25


class Moves:
    """What is usual and what is now, as counts by figure and class."""

    def __init__(self) -> None:
        self.usual: Floats = np.zeros((len(EDGES), _CLASSES))
        self.now: Floats = np.zeros((len(EDGES), _CLASSES))

    def learn(self, one: Observed) -> None:
        """A fruit of a machine that is well."""
        for n, at in enumerate(_classes(one)):
            self.usual[n, at] += 1

    def take(self, one: Observed) -> None:
        """A fruit now; the ones before it count less and less."""
        self.now *= 1 - _SMOOTH
        for n, at in enumerate(_classes(one)):
            self.now[n, at] += 1

    def psi(self) -> dict[str, float]:
        """By figure; 0 while there is nothing to compare."""
        found = {}
        for n, (name, edges) in enumerate(EDGES.items()):
            p, q = (counts[n, : len(edges) + 1] + _HALF for counts in (self.now, self.usual))
            p, q = p / p.sum(), q / q.sum()
            known = self.now[n].any() and self.usual[n].any()
            found[name] = float(((p - q) * np.log(p / q)).sum()) if known else 0.0
        return found


def _classes(one: Observed) -> tuple[int, ...]:
    figures = (one.grade, one.doubt, one.strange, one.torn, one.length_mm)
    return tuple(bisect(edges, figure) for edges, figure in zip(EDGES.values(), figures, strict=True))
