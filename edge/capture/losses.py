"""Frames that never came: holes in the numbers and the stamps of those that did."""

from collections.abc import Iterable

from edge.datapath import Frame
from edge.incidents import Told
from edge.incidents_sight import FRAMES_LOST

_WINDOW = 30
"""Frame times over which a share is taken."""

_SUSTAINED = 2
"""Windows in a row."""

_MANY, _FEW = 0.1, 0.03
"""Shares of the frames: a fruit is seen about twenty times, and can do without one sight in ten."""


class Holes:
    """Counts what a camera loses, in the thread that reads it. A driver that drops a frame and numbers on leaves a hole
    in the stamps; one that counts it leaves one in the numbers."""

    def __init__(self, frame_ns: float) -> None:
        """`frame_ns`: the time from one exposure to the next."""
        self.lost = 0
        """Frames lost so far."""
        self._frame_ns = frame_ns
        self._number: int | None = None
        self._exposed_ns = 0

    def count(self, frame: Frame) -> int:
        """Take the next frame that the camera has given; returns `lost`. A stale one, exposed no later than the one
        before, shows no hole."""
        if self._number is None:
            self._number, self._exposed_ns = frame.number, frame.exposed_at_ns
        elif frame.exposed_at_ns > self._exposed_ns:
            by_stamp = round((frame.exposed_at_ns - self._exposed_ns) / self._frame_ns) - 1
            self.lost += max(0, by_stamp, frame.number - self._number - 1)
            self._number, self._exposed_ns = frame.number, frame.exposed_at_ns
        return self.lost


class Losses:
    """Whether the share of the frames that are lost is more than the line can do without. One run's."""

    def __init__(self, longest: int) -> None:
        """`longest`: so many frames lost in a row are a camera that was silent, which is another incident."""
        self._longest = longest
        self._before: int | None = None
        self._slots = 0
        self._lost = 0
        self._run = 0
        self._stands = False

    def news(self, frame: Frame) -> Iterable[Told]:
        """Take the next frame that may be placed."""
        lost = 0 if self._before is None else frame.lost - self._before
        self._before = frame.lost
        if lost < self._longest:
            self._slots += 1 + lost
            self._lost += lost
        if self._slots < _WINDOW:
            return ()
        share = self._lost / self._slots
        self._slots = self._lost = 0
        turns = share < _FEW if self._stands else share > _MANY
        self._run = self._run + 1 if turns else 0
        if self._run < _SUSTAINED:
            return ()
        self._run, self._stands = 0, not self._stands
        return (Told(FRAMES_LOST.code, self._stands, {"percent": share * 100}),)
