"""Whether the camera has fallen silent: no new frame for longer than the profile allows."""

from collections.abc import Iterable

from edge.config import Camera
from edge.incidents import Told
from edge.incidents_sight import CAMERA_SILENT

_LONGEST_REST_NS = 40_000_000
"""The line steps every 20 ms. What it was away for beyond this says nothing of the camera, whose frames came into a
mailbox that nobody emptied."""

_STEADY = 3
"""Frames that must come in time again."""


def limit_ns(camera: Camera) -> int:
    """How long the camera may be silent: as the profile says, else three frame times and no less than 100 ms."""
    return round((camera.silent_ms or max(100.0, 3000 / camera.frames_hz)) * 1e6)


class Silence:
    """One run's, from its first frame on. `news` every step."""

    def __init__(self, camera: Camera) -> None:
        self._limit_ns = limit_ns(camera)
        self._before_ns: int | None = None
        self._quiet_ns = 0
        self._steady = 0
        self._silent = False

    def news(self, now_ns: int, heard: bool) -> Iterable[Told]:
        """`heard`: this step has taken a frame that may be placed."""
        if self._before_ns is None and not heard:
            return ()
        rested_ns = 0 if self._before_ns is None else min(now_ns - self._before_ns, _LONGEST_REST_NS)
        self._before_ns = now_ns
        if not heard:
            self._quiet_ns += rested_ns
            if self._quiet_ns <= self._limit_ns:
                return ()
            self._steady = 0
            return self._say(True)
        self._quiet_ns = 0
        self._steady = min(_STEADY, self._steady + 1)
        return self._say(False) if self._steady == _STEADY else ()

    def wake_ns(self, now_ns: int) -> int:
        """When it is to be asked again for a camera that stays silent; far off where it is known to be."""
        left_ns = self._limit_ns - self._quiet_ns
        return now_ns + (max(1, left_ns + 1) if not self._silent else self._limit_ns)

    def _say(self, silent: bool) -> Iterable[Told]:
        if silent == self._silent:
            return ()
        self._silent = silent
        return (Told(CAMERA_SILENT.code, silent, {"limit_ms": self._limit_ns / 1e6}),)
