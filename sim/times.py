"""Times of a run as they come, without end: bounded, whatever the length of the run."""

from __future__ import annotations

from array import array

import numpy as np

KEPT = 50_000
"""More than an hour of a machine at its limit; shorter runs keep every time."""


class Times:
    """In nanoseconds: the latest `KEPT`, and the extremes of all. Plain numbers in one piece of memory: objects, each
    between others that come and go, would keep those others' memory from being given back."""

    __slots__ = ("_count", "_kept", "highest", "lowest")

    def __init__(self) -> None:
        self._kept = array("q")
        self._count = 0
        self.lowest: int | None = None
        self.highest: int | None = None

    def __len__(self) -> int:
        return len(self._kept)

    def append(self, time_ns: int) -> None:
        if len(self._kept) < KEPT:
            self._kept.append(time_ns)
        else:
            self._kept[self._count % KEPT] = time_ns
        self._count += 1
        self.lowest = time_ns if self.lowest is None else min(self.lowest, time_ns)
        self.highest = time_ns if self.highest is None else max(self.highest, time_ns)

    def newest(self, count: int) -> list[int]:
        """The last so many, the newest first."""
        return [self._kept[(self._count - 1 - n) % KEPT] for n in range(min(count, len(self._kept)))]

    def spread(self) -> dict[str, float | None]:
        """In milliseconds. For a slack the small end counts, for a latency the large one: both are given."""
        if self.lowest is None or self.highest is None:
            return dict.fromkeys(("p50", "p99", "max", "p01", "min"))
        p50, p99, p01 = np.quantile(np.array(self._kept, dtype=np.float64) / 1e6, (0.5, 0.99, 0.01))
        found = {"p50": p50, "p99": p99, "max": self.highest / 1e6, "p01": p01, "min": self.lowest / 1e6}
        return {name: round(float(ms), 3) for name, ms in found.items()}
