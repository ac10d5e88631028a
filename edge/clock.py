"""The one clock of the control path, and the one place that sleeps.

`CLOCK_BOOTTIME` where the system has it (libcamera stamps frames on it), `CLOCK_MONOTONIC` elsewhere. Kernel GPIO
stamps are monotonic: `from_monotonic_ns` converts. Wall time is for telemetry, traces and reports only.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime

_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


def now_ns() -> int:
    """Nanoseconds since some fixed instant; never steps. Any thread, any process of this machine."""
    return time.clock_gettime_ns(_CLOCK)


def computed_ns() -> int:
    """For how long the calling thread has computed: the time in which it waited is not in it."""
    return time.thread_time_ns()


def from_monotonic_ns(stamp_ns: int) -> int:
    """An instant of this clock from a CLOCK_MONOTONIC stamp. They differ by the time spent suspended."""
    # Both clocks are read without being set aside in between: of a few tries, the quickest.
    tries = ((time.monotonic_ns(), now_ns(), time.monotonic_ns()) for _ in range(3))
    before_ns, at_ns, after_ns = min(tries, key=lambda read: read[2] - read[0])
    return stamp_ns + at_ns - (before_ns + after_ns) // 2


def sleep_until(deadline_ns: int, spin_ns: int = 0) -> int:
    """Sleep until the deadline, spinning through its last `spin_ns`; returns the instant of waking, never early."""
    while (now := now_ns()) < deadline_ns:
        left = deadline_ns - now - spin_ns
        if left > 0:
            time.sleep(left / 1e9)
    return now


def utc_text() -> str:
    """The wall clock, ISO 8601 in UTC with milliseconds, for people and other machines."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def both() -> tuple[int, int]:
    """The wall clock in milliseconds since 1970 and this clock in nanoseconds, read together."""
    return time.time_ns() // 1_000_000, now_ns()


Clock = Callable[[], int]
"""What a step is given where it must stamp what it does: `now_ns`, or the simulator's virtual time."""
