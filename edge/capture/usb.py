"""A USB camera (`source = "usb:0"`) through OpenCV's V4L2. Answers `edge.capture.mailbox.FrameSource`.

The driver stamps a frame, on CLOCK_MONOTONIC, when its first packet comes: at the end of the exposure, or later by what
the camera keeps of it. A read may hang for as long as the driver likes, so that a thread of its own waits for it; what
else there is belongs to the one that reads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from edge import clock
from edge.capture.freshness import OLDEST_NS
from edge.config import Camera
from edge.datapath import Frame
from edge.errors import CameraFault
from edge.log import Log

NS_PER_S = 1_000_000_000
_MANUAL = 1
"""V4L2's word for an exposure that is set."""

_RAW_BYTES_S = 40_000_000
"""What USB 2 carries of uncompressed pictures; beyond it they come as JPEG."""

_JOIN_S = 0.5
_LOG = Log("capture")


class Video(Protocol):
    """What is used of cv2.VideoCapture."""

    def isOpened(self) -> bool: ...  # noqa: N802  # OpenCV's own
    def set(self, propId: int, value: float) -> bool: ...  # noqa: N803  # OpenCV's own
    def get(self, propId: int) -> float: ...  # noqa: N803  # OpenCV's own
    def read(self) -> tuple[bool, Any]: ...
    def release(self) -> None: ...


class UsbCamera:
    """Camera N, running from construction, with exposure and white balance held as far as its driver can."""

    def __init__(self, number: int, settings: Camera, opened: Callable[[int], Video] | None = None) -> None:
        """Raises CameraFault where there is no such camera, or it has no such size."""
        self._settings = settings
        self._period_ns = round(NS_PER_S / settings.frames_hz)
        self._video = (opened or _opened)(number)
        if not self._video.isOpened():
            self._video.release()
            raise CameraFault(
                f"no USB camera answers at /dev/video{number}; check its cable, and v4l2-ctl --list-devices"
            )
        _hold(self._video, settings)
        self._changed = threading.Condition()
        self._latest: tuple[int, NDArray[np.uint8]] | None = None
        self._fault: CameraFault | None = None
        self._ended = False
        self._number = self._lost = 0
        self._stamp_ns = clock.now_ns()
        self._reader = threading.Thread(target=self._read, name="usb-camera", daemon=True)
        self._reader.start()

    def next_frame(self, deadline_ns: int) -> Frame | None:
        with self._changed:
            while self._latest is None:
                left_ns = deadline_ns - clock.now_ns()
                if self._fault is not None:
                    raise self._fault
                if left_ns <= 0:
                    return None
                self._changed.wait(left_ns / NS_PER_S)
            (stamp_ns, bgr), self._latest = self._latest, None
        missed = 0 if not self._number else max(0, round((stamp_ns - self._stamp_ns) / self._period_ns) - 1)
        self._lost += missed
        self._number += 1 + missed
        self._stamp_ns = stamp_ns
        pixels = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)
        exposed_at_ns = stamp_ns + 500 * (self._settings.readout_us - self._settings.exposure_us)
        return Frame("usb", self._number, exposed_at_ns, pixels)

    def lost(self) -> int:
        return self._lost

    def close(self) -> None:
        """Returns at once where a read hangs: the thread that waits for it lets the camera go."""
        self._ended = True
        self._reader.join(_JOIN_S)

    def _read(self) -> None:
        try:
            while not self._ended:
                is_read, bgr = self._video.read()
                if not is_read or bgr is None:
                    raise CameraFault("the USB camera gives no frame; check its cable and its power")
                self._lay_down(self._stamp(), bgr)
        except Exception as error:  # whatever a driver raises
            fault = error if isinstance(error, CameraFault) else CameraFault(f"the USB camera failed: {error}")
            with self._changed:
                self._fault = fault
                self._changed.notify_all()
        finally:
            self._video.release()

    def _lay_down(self, stamp_ns: int, bgr: NDArray[np.uint8]) -> None:
        size = (self._settings.width_px, self._settings.height_px)
        if bgr.ndim != 3 or bgr.shape[1::-1] != size:
            raise CameraFault(
                f"[camera] width_px, height_px = {size[0]}, {size[1]}: the USB camera gives pictures of {bgr.shape} "
                "instead; choose a size that v4l2-ctl --list-formats-ext shows"
            )
        # From before this camera was opened, the same again, or long in a queue: no fruit may be placed by it.
        with self._changed:
            newest_ns = self._latest[0] if self._latest else self._stamp_ns
            if stamp_ns > newest_ns and clock.now_ns() - stamp_ns < OLDEST_NS:
                self._latest = (stamp_ns, bgr)
                self._changed.notify_all()

    def _stamp(self) -> int:
        told_ms = self._video.get(cv2.CAP_PROP_POS_MSEC)
        # The first frame after the camera's start has none.
        return clock.from_monotonic_ns(round(told_ms * 1e6)) if told_ms > 0 else clock.now_ns()


def _opened(number: int) -> Video:
    return cv2.VideoCapture(number, cv2.CAP_V4L2)


def _hold(video: Video, settings: Camera) -> None:
    """Tell it all that it can be told, and say what it cannot."""
    raw = settings.width_px * settings.height_px * 2 * settings.frames_hz <= _RAW_BYTES_S
    wanted = {
        "format": (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*("YUYV" if raw else "MJPG"))),
        "width": (cv2.CAP_PROP_FRAME_WIDTH, settings.width_px),
        "height": (cv2.CAP_PROP_FRAME_HEIGHT, settings.height_px),
        "frames_hz": (cv2.CAP_PROP_FPS, settings.frames_hz),
        "buffers": (cv2.CAP_PROP_BUFFERSIZE, 2),
        "manual exposure": (cv2.CAP_PROP_AUTO_EXPOSURE, _MANUAL),
        "exposure_us": (cv2.CAP_PROP_EXPOSURE, max(1, round(settings.exposure_us / 100))),
        "fixed white balance": (cv2.CAP_PROP_AUTO_WB, 0),
        "fixed focus": (cv2.CAP_PROP_AUTOFOCUS, 0),
    }
    if refused := [name for name, (key, value) in wanted.items() if not video.set(key, value)]:
        _LOG.warning("the camera cannot be told all that the profile says", lacks=", ".join(refused))
