"""How a process meets its deadlines, and how well this machine lets it."""

import ctypes
import gc
import os
from collections.abc import Iterable
from contextlib import suppress

from edge.clock import now_ns, sleep_until

SPIN_NS = 1_000_000
"""A plain kernel wakes a sleeper this late on a good day; the last stretch is spun instead."""

TRIALS, TRIAL_NS = 100, 2_500_000
"""The self-test's wake-ups and the time between them: a quarter of a second in all."""


def be_punctual() -> None:
    """Real-time priority, memory that stays, no garbage collector: each where this system has it and permits it."""
    gc.collect()
    gc.freeze()
    gc.disable()
    with suppress(AttributeError, OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(50))
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).mlockall(1 | 2)  # MCL_CURRENT | MCL_FUTURE; a refusal is its return value, and is fine


def meet(deadlines: Iterable[int]) -> list[int]:
    """The instant at which each deadline, in order, was met: sleep, then spin. Never before it."""
    return [sleep_until(at_ns, SPIN_NS) for at_ns in deadlines]


def measure_wakes() -> tuple[int, int]:
    """How late this process wakes on this machine, now: the median and the 99th percentile, in nanoseconds.

    The deadlines are absolute, so that the whole takes no longer than its last one, however late the wakes are.
    """
    start_ns = now_ns()
    deadlines = [start_ns + n * TRIAL_NS for n in range(1, TRIALS + 1)]
    late = sorted(met - due for met, due in zip(meet(deadlines), deadlines, strict=True))
    return late[TRIALS // 2], late[TRIALS * 99 // 100 - 1]
