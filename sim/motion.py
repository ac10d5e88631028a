"""The belt's motion, closed-form in time: legs of constant acceleration, and which one an instant or a place is on."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sim.pace import NS, Drive, Leg

_SAME_MM = 1e-6
"""Places this near are one: what is left of a round is a difference of long travels."""


@dataclass(frozen=True, slots=True)
class Step:
    """Come to a speed at a ramp, and hold it for so long."""

    speed_mm_s: float
    hold_s: float
    ramp_mm_s2: float


class Belt:
    """A belt that starts at `start_ns` at one speed, or at the first of a program's. Travel is in true millimetres
    since then; what lies before the start moved at the first speed. A program is gone through again and again, and more
    slowly while the drive is asked to."""

    def __init__(self, speed_mm_s: float, start_ns: int, program: Sequence[Step] = ()) -> None:
        self.start_ns = start_ns
        self._drive = Drive()
        self._speed_mm_s = program[0].speed_mm_s if program else speed_mm_s
        self._legs: list[Leg] = []
        self._round_s = self._round_mm = self._first_s = 0.0
        if len(program) > 1:
            self._first_s = program[0].hold_s
            self._lay(program)
        self._first_mm = self._first_s * self._speed_mm_s
        self._leg_s = [leg.at_s for leg in self._legs]
        self._leg_mm = [leg.way for leg in self._legs]

    def ask(self, share: float, at_ns: int) -> None:
        """Ask its drive for a share of the speed. What is said of instants within `sim.pace.REACTS_NS` stays true."""
        self._drive.ask(share, (at_ns - self.start_ns) / NS)

    @property
    def standing(self) -> list[tuple[float, float]]:
        """Where in a round the belt stands still: (round travel, seconds)."""
        legs = [*self._legs, Leg(self._round_s, self._round_mm, 0.0, 0.0)]
        return [
            (leg.way, after.at_s - leg.at_s)
            for leg, after in pairwise(legs)
            if leg.rate == leg.change == 0 and after.at_s > leg.at_s
        ]

    def travel_mm(self, at_ns: int) -> float:
        s = (at_ns - self.start_ns) / NS
        if self._drive:
            s = self._drive.way_s(s)
        if not self._legs or s <= self._first_s:
            return s * self._speed_mm_s
        rounds, s = divmod(s - self._first_s, self._round_s)
        leg = self._legs[bisect_right(self._leg_s, s) - 1]
        return self._first_mm + rounds * self._round_mm + leg.way_after(s - leg.at_s)

    def at_ns(self, travel_mm: float) -> int:
        """The first instant at which the belt has come that far."""
        if not self._legs or travel_mm <= self._first_mm:
            if self._drive:
                return self.start_ns + round(self._drive.at_s(travel_mm / self._speed_mm_s) * NS)
            return self.start_ns + round(travel_mm * NS / self._speed_mm_s)
        rounds, left_mm = divmod(travel_mm - self._first_mm, self._round_mm)
        # A place at which the belt stands is reached at the end of the leg before.
        leg = self._legs[max(0, bisect_left(self._leg_mm, left_mm - _SAME_MM) - 1)]
        s = self._first_s + rounds * self._round_s + leg.at_s + leg.after_s(left_mm)
        return self.start_ns + round((self._drive.at_s(s) if self._drive else s) * NS)

    def stops_near(self, travel_mm: float, within_mm: float) -> bool:
        """Whether the belt stands still at some travel that near to a given one."""
        if not self._legs or travel_mm + within_mm < self._first_mm:
            return False
        place_mm = (travel_mm - self._first_mm) % self._round_mm
        apart = (abs(place_mm - stop_mm) for stop_mm, _ in self.standing)
        return any(min(mm, self._round_mm - mm) <= within_mm for mm in apart)

    def _lay(self, program: Sequence[Step]) -> None:
        """A round: from the first speed through all others and back to it."""
        at_s, travel_mm, speed = 0.0, 0.0, self._speed_mm_s
        for step in (*program[1:], program[0]):
            ramp_s = abs(step.speed_mm_s - speed) / step.ramp_mm_s2
            change = math.copysign(step.ramp_mm_s2, step.speed_mm_s - speed)
            for leg, lasts_s in (
                (Leg(at_s, travel_mm, speed, change), ramp_s),
                (
                    Leg(at_s + ramp_s, travel_mm + ramp_s * (speed + step.speed_mm_s) / 2, step.speed_mm_s, 0.0),
                    step.hold_s,
                ),
            ):
                if lasts_s > 0:
                    self._legs.append(leg)
                    at_s, travel_mm = leg.at_s + lasts_s, leg.way_after(lasts_s)
            speed = step.speed_mm_s
        self._round_s, self._round_mm = at_s, travel_mm
