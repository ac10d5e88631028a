"""When a throttled computer asks for a slower belt: before it misses a deadline, by what its self-test has measured."""

from collections import deque

from edge.config import Profile
from edge.derating import Measured, allowance

_NS = 1_000_000_000
_WINDOW = 3
"""Seconds over which the feed is counted."""


class Relief:
    """One run's. Belongs to the main thread. `measured`: by a computer that is not throttled; None where it was not."""

    def __init__(self, profile: Profile, measured: Measured | None) -> None:
        allowed = allowance(profile, measured.throttled()) if measured else None
        self._slows = allowed is not None and allowed.speed_mm_s < profile.belt.speed_mm_s
        self._fruit_per_s = allowed.fruit_per_s if allowed else None
        self._counted: deque[tuple[int, int]] = deque(maxlen=_WINDOW + 1)
        self._wanted = False

    def step(self, now_ns: int, throttled: bool, decided: int) -> bool:
        """Whether a slower belt is asked for. `decided`: fruit, since the run began.

        Once it is, it stays so until the computer runs at its full speed again: a slower belt brings fewer fruit.
        """
        if not self._counted or now_ns - self._counted[-1][0] >= _NS:
            self._counted.append((now_ns, decided))
        self._wanted = throttled and (self._wanted or self._slows or self._is_flooded())
        return self._wanted

    def _is_flooded(self) -> bool:
        """Whether more fruit come than a throttled computer can look at."""
        (from_ns, before), (to_ns, after) = self._counted[0], self._counted[-1]
        if self._fruit_per_s is None or to_ns == from_ns:
            return False
        return (after - before) / ((to_ns - from_ns) / _NS) > self._fruit_per_s
