"""Times of a run as they come, without end: bounded, whatever the length of the run."""

from __future__ import annotations

from collections import deque
from itertools import islice

import numpy as np

KEPT = 50_000
"""More than an hour of a machine at its limit; shorter runs keep every time."""


class Times:
    """In nanoseconds. `latest`: those of the latest fruit, up to `KEPT`; the extremes are the whole run's."""

    __slots__ = ("highest", "latest", "lowest")

    def __init__(self) -> None:
        self.latest: deque[int] = deque(maxlen=KEPT)
        self.lowest: int | None = None
        self.highest: int | None = None

    def append(self, time_ns: int) -> None:
        self.latest.append(time_ns)
        self.lowest = time_ns if self.lowest is None else min(self.lowest, time_ns)
        self.highest = time_ns if self.highest is None else max(self.highest, time_ns)

    def newest(self, count: int) -> list[int]:
        """The last so many, the newest first."""
        return list(islice(reversed(self.latest), count))

    def spread(self) -> dict[str, float | None]:
        """In milliseconds. For a slack the small end counts, for a latency the large one: both are given."""
        if self.lowest is None or self.highest is None:
            return dict.fromkeys(("p50", "p99", "max", "p01", "min"))
        p50, p99, p01 = np.quantile(np.array(self.latest, dtype=np.float64) / 1e6, (0.5, 0.99, 0.01))
        found = {"p50": p50, "p99": p99, "max": self.highest / 1e6, "p01": p01, "min": self.lowest / 1e6}
        return {name: round(float(ms), 3) for name, ms in found.items()}
