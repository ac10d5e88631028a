"""Ways that grow at a rate which changes evenly, and the belt's drive, which can be asked to run slowly."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter

NS = 1_000_000_000
REACTS_NS = 250_000_000
"""From the edge of the line that asks it until a drive changes its speed."""

_RAMP_PER_S = 1.0
"""Of its full speed, so much a second."""


@dataclass(frozen=True, slots=True)
class Leg:
    """From `at_s` and `way` on, at a rate that changes evenly: millimetres of belt, or seconds of its program."""

    at_s: float
    way: float
    rate: float
    change: float

    def way_after(self, s: float) -> float:
        return self.way + s * (self.rate + self.change * s / 2)

    def after_s(self, way: float) -> float:
        """When this leg has first come that far."""
        left = way - self.way
        if left <= 0:
            return 0.0
        root = math.sqrt(max(0.0, self.rate**2 + 2 * self.change * left))
        return 2 * left / (self.rate + root)


_FULL = Leg(0.0, 0.0, 1.0, 0.0)


class Drive:
    """How far a belt has come in its program by an instant, in seconds of the program: at its full speed as far as
    time itself, more slowly while it is asked to. False while it never was."""

    def __init__(self) -> None:
        self._legs: list[Leg] = []

    def __bool__(self) -> bool:
        return bool(self._legs)

    def ask(self, share: float, at_s: float) -> None:
        """Come to a share of the full speed, from some moments later on. Asked in the order of time."""
        from_s = at_s + REACTS_NS / NS
        self._legs = [leg for leg in self._legs if leg.at_s < from_s]
        leg = self._leg(from_s)
        way, rate = leg.way_after(from_s - leg.at_s), leg.rate + leg.change * (from_s - leg.at_s)
        if share == rate and not leg.change:
            return
        ramp = Leg(from_s, way, rate, math.copysign(_RAMP_PER_S, share - rate))
        lasts_s = abs(share - rate) / _RAMP_PER_S
        self._legs += [ramp] * (share != rate)
        self._legs.append(Leg(from_s + lasts_s, ramp.way_after(lasts_s), share, 0.0))

    def way_s(self, at_s: float) -> float:
        leg = self._leg(at_s)
        return leg.way_after(at_s - leg.at_s)

    def at_s(self, way_s: float) -> float:
        """When it has come so far, should it be asked for nothing else until then."""
        n = bisect_right(self._legs, way_s, key=attrgetter("way"))
        leg = self._legs[n - 1] if n else _FULL
        return leg.at_s + leg.after_s(way_s) if n else way_s

    def _leg(self, at_s: float) -> Leg:
        n = bisect_right(self._legs, at_s, key=attrgetter("at_s"))
        return self._legs[n - 1] if n else _FULL
