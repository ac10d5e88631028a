"""Which frames may be placed: those that are new, and whose exposure is past, recent, and later than the last one's.

A driver can hand out a frame that waited in a queue, or one that it gave before (raspberrypi/picamera2#426, #787,
#849). Such a picture shows the belt as it was: it is refused, and no fruit is placed by it.
"""

from collections.abc import Iterable

from edge.datapath import Frame
from edge.incidents import Told
from edge.incidents_sight import STALE_FRAMES

OLDEST_NS = 250_000_000
"""A frame older than this when it comes has waited in a queue."""

_CALM_NS = 1_000_000_000
"""For so long none must have been refused before the incident clears."""


class Freshness:
    """One run's. `accepts` every frame once, in the order in which they are taken; `news` every step."""

    def __init__(self) -> None:
        self.refused = 0
        """Frames refused so far."""
        self._exposed_ns: int | None = None
        self._number = 0
        self._refused_ns: int | None = None
        self._stands = False

    def accepts(self, frame: Frame, now_ns: int) -> bool:
        """Whether it may be placed."""
        last_ns = self._exposed_ns
        is_next = last_ns is None or (frame.exposed_at_ns > last_ns and frame.number > self._number)
        if is_next and 0 <= now_ns - frame.exposed_at_ns <= OLDEST_NS:
            self._exposed_ns, self._number = frame.exposed_at_ns, frame.number
            return True
        self.refused += 1
        self._refused_ns = now_ns
        return False

    def news(self, now_ns: int) -> Iterable[Told]:
        """What the operator is told, where that has changed."""
        stands = self._refused_ns is not None and now_ns - self._refused_ns < _CALM_NS
        if stands == self._stands:
            return ()
        self._stands = stands
        return (Told(STALE_FRAMES.code, stands, {"refused": self.refused}),)
