"""Which cause goes with what has moved: a short rule that a person can follow, and the figures that it went by.

The lens blurs, whatever else it does to light and colour. A lamp changes the empty belt and leaves the detail. Where
neither has moved and a bundle has just taken over, it is the bundle, if its answers have moved since or nothing had
before: fruit do not change at that very moment, unless their colour says so. Else it is the fruit, by their colour or
by what the network sees of them, or saw until a bundle took over; where only its doubts have grown, nobody knows.
Weights that rot while a bundle runs are taken for other fruit: a bundle's files are checked whenever it is loaded.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isnan

import numpy as np

from edge.entry import Entry, Figures
from edge.incidents_drift import DRIFT_BUNDLE, DRIFT_CULTIVAR, DRIFT_LAMP, DRIFT_LENS, DRIFT_UNEXPLAINED
from edge.watch.kernel import Floats
from edge.watch.reference import BLUR, COLOUR, DOUBT, FEATURES, LIGHT, MONITORS, STRANGE, TINT, TORN

MOVED = 1.0
"""Of the most that is usual, from which a monitor counts as moved."""
_AGAIN = 1.5
"""Of what it was before a bundle took over, from which one that had moved by then counts as moved since."""


@dataclass(frozen=True, slots=True)
class Recent:
    """The last fruit, on average. `against` (monitors,): each monitor against the most that is usual, nan where it is
    not measured; `belt` (3,) and `detail`: logarithms against the reference's. `before` (monitors,): `against` of the
    last fruit until a bundle took over that is held to the reference of the one before it; None where it has its own.
    `since`: the fruit since then."""

    against: Floats
    belt: Floats
    detail: float
    bundle: str
    before: Floats | None = None
    since: int = 0

    def moved(self, monitor: int) -> bool:
        return bool(self.against[monitor] > MOVED)

    def is_bundle(self) -> bool:
        """Whether what has moved has done so since a bundle took over."""
        if self.before is None:
            return False
        since = self.against > np.maximum(MOVED, _AGAIN * self.before)
        return not since[COLOUR] and bool(since[[STRANGE, DOUBT, TORN]].any() or (self.before <= MOVED).all())

    def is_fruit(self) -> bool:
        """Whether it shows in what fruit look like, to the camera or to the network."""
        had_moved = self.before is not None and bool((self.before[[FEATURES, COLOUR]] > MOVED).any())
        return had_moved or any(map(self.moved, (FEATURES, COLOUR, STRANGE)))


def name(recent: Recent) -> Entry:
    """The cause that what has moved speaks for."""
    if recent.moved(BLUR):
        return DRIFT_LENS
    if recent.moved(LIGHT) or recent.moved(TINT):
        return DRIFT_LAMP
    if recent.is_bundle():
        return DRIFT_BUNDLE
    if recent.is_fruit():
        return DRIFT_CULTIVAR
    return DRIFT_UNEXPLAINED


def figures(recent: Recent) -> Figures:
    """All that the entries' texts name."""
    level, red, blue, detail = (0.0 if isnan(one) else float(one) for one in (*recent.belt, recent.detail))
    return {
        "light": round(100 * exp(level)),
        "tint": round(100 * (exp(max(abs(red), abs(blue))) - 1)),
        "detail": round(100 * exp(detail)),
        "bundle": recent.bundle,
        "fruit": float(recent.since),
        "moved": moved(recent),
    }


def moved(recent: Recent) -> str:
    """What has moved, the furthest first."""
    found = sorted(((value, name) for name, value in zip(MONITORS, recent.against, strict=True)), reverse=True)
    said = [f"{name} {value:.1f}" for value, name in found if value > MOVED]
    return ", ".join(said) or "each a little"
