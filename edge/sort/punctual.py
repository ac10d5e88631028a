"""How a process meets its deadlines, and how well this machine lets it."""

import ctypes
import gc
import os
from contextlib import suppress

from edge.clock import Clock, now_ns, sleep_until
from edge.ports import GatePins

SPIN_NS = 1_000_000
"""A plain kernel wakes a sleeper this late on a good day; the last stretch is spun instead."""

TRIALS, TRIAL_NS = 100, 2_500_000
"""The self-test's wake-ups and the time between them: a quarter of a second in all."""


class PatientPins:
    """Answers ports.GatePins. No line is commanded before `not_before_ns`: the caller may be ahead of its time, and
    spins here until it has come. The road to the safe state waits for nothing."""

    def __init__(self, pins: GatePins, clock: Clock = now_ns) -> None:
        self.not_before_ns = 0
        self.woke_at_ns = 0
        """When the last edge had nothing left to wait for."""
        self._pins = pins
        self._clock = clock

    def command(self, gate: str, is_open: bool) -> int:
        while (now_ns := self._clock()) < self.not_before_ns:
            pass
        self.woke_at_ns = now_ns
        return self._pins.command(gate, is_open)

    def release_all(self) -> None:
        self._pins.release_all()


def be_punctual() -> None:
    """Real-time priority, memory that stays, no garbage collector: each where this system has it and permits it."""
    gc.collect()
    gc.freeze()
    gc.disable()
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mlockall(1 | 2)  # MCL_CURRENT | MCL_FUTURE; a refusal is its return value, and is fine


def measure_wakes() -> tuple[int, int]:
    """How late this process wakes on this machine, now: the median and the 99th percentile, in nanoseconds.

    The deadlines are absolute, so that the whole takes no longer than its last one, however late the wakes are.
    """
    start_ns = now_ns()
    deadlines = [start_ns + n * TRIAL_NS for n in range(1, TRIALS + 1)]
    late = sorted(sleep_until(at_ns, SPIN_NS) - at_ns for at_ns in deadlines)
    return late[TRIALS // 2], late[TRIALS * 99 // 100 - 1]
