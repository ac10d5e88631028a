"""cv2.VideoCapture for machines without a camera, with V4L2's ways: what it cannot do it refuses or changes, the first
frame has no stamp, and a read hangs as long as the driver likes. Its sensor runs on the machine's clock."""

import threading
from typing import Any

import cv2
import numpy as np

from edge import clock


class Video:
    def __init__(self, size: tuple[int, int] = (160, 120), period_ns: int = 10_000_000) -> None:
        self.size, self.period_ns = size, period_ns
        self.told: dict[int, float] = {}
        self.refuses: set[int] = set()
        self.is_absent = self.is_unplugged = self.is_released = False
        self.goes_on, self.hangs = threading.Event(), threading.Event()
        self.goes_on.set()
        self._start_ns = clock.now_ns()
        self._number = 0
        self._stamp_ms = 0.0

    def isOpened(self) -> bool:  # noqa: N802  # OpenCV's own
        return not self.is_absent

    def set(self, prop: int, value: float) -> bool:
        self.told[prop] = value
        return prop not in self.refuses

    def get(self, prop: int) -> float:
        assert prop == cv2.CAP_PROP_POS_MSEC
        return self._stamp_ms

    def read(self) -> tuple[bool, Any]:
        if self.is_unplugged:
            return False, None
        if not self.goes_on.is_set():
            self.hangs.set()
            self.goes_on.wait()
        self._number = max(self._number + 1, 1 + (clock.now_ns() - self._start_ns) // self.period_ns)
        due_ns = self._start_ns + self._number * self.period_ns
        clock.sleep_until(due_ns)
        offset_ns = clock.from_monotonic_ns(0)
        self._stamp_ms = 0.0 if self._stamp_ms == 0 and self._number == 1 else (due_ns - offset_ns) / 1e6
        width, height = self.size
        return True, np.full((height, width, 3), (self._number % 256, 100, 200), np.uint8)

    def release(self) -> None:
        self.is_released = True
