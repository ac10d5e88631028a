"""What the computer's own troubles do to the device's steps in virtual time: how many times as long they take."""

from __future__ import annotations

import random

from sim.faults import Faults

THROTTLED = 2.0
GIL_HOG = 3.0
"""Two threads of main that compute without end: of the interpreter's time a third is left to the line."""

CPU_HOG = 2.0
"""A busy process on every core: half of one is left to the line."""

SLOWING = {"throttling": THROTTLED, "gil-hog": GIL_HOG, "cpu-hog": CPU_HOG}

HOGS = ("gil-hog", "cpu-hog")

LATE_NS = 1_500_000
"""Mean of how late a gate process without real-time priority wakes beside a busy process; drawn as exponential."""


class Slowness:
    """The faults of the processor in one run."""

    def __init__(self, faults: Faults) -> None:
        self._factors = [(name, times) for name, times in SLOWING.items() if faults.spans(name)]
        self._faults = faults
        self._hogs = bool(faults.spans("cpu-hog"))

    def factor(self, now_ns: int) -> float:
        """How many times as long a step of main takes."""
        found = 1.0
        for name, times in self._factors:
            if self._faults.holds(name, now_ns):
                found *= times
        return found

    def waits(self, now_ns: int) -> float:
        """How many times as long as it computes a step of main takes: what computes beside it keeps it waiting."""
        found = 1.0
        for name, times in self._factors:
            if name in HOGS and self._faults.holds(name, now_ns):
                found *= times
        return found

    def late_ns(self, now_ns: int, draw: random.Random) -> int:
        """How late the gate process wakes."""
        if not self._hogs or not self._faults.holds("cpu-hog", now_ns):
            return 0
        return round(draw.expovariate(1 / LATE_NS))
