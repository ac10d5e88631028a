"""The camera of a Raspberry Pi, through picamera2. Answers `edge.capture.mailbox.FrameSource`; one thread owns it.

`SensorTimestamp` is taken when the sensor sends its first row, which is when that row's exposure ends: picamera2 itself
takes `SensorTimestamp - ExposureTime` for the start (`Picamera2.wait_for_timestamp_`, raspberrypi/picamera2#821). So
the middle is half an exposure before the stamp; where rows are exposed one after the other, that of the middle row is
half a readout later. libcamera says CLOCK_BOOTTIME of it and picamera2 CLOCK_MONOTONIC: on a
Pi, which is never suspended, they are the same.
"""

from __future__ import annotations

from typing import Any

from edge import clock
from edge.capture.freshness import OLDEST_NS
from edge.capture.picamera_setup import HALF_FORMAT, Request, started
from edge.capture.planes import to_rgb
from edge.config import Camera
from edge.datapath import Frame
from edge.errors import CameraFault

NS_PER_S = 1_000_000_000


class PicameraCamera:
    """The first camera of the Pi, running from construction, with exposure, gain and colours fixed by the profile."""

    def __init__(self, settings: Camera) -> None:
        """Raises CameraFault where picamera2 or a camera is missing, or the camera cannot do what the profile says."""
        self._period_ns = round(NS_PER_S / settings.frames_hz)
        self._settings = settings
        self._job: object = None
        self._number = 0
        self._stamp_ns = clock.now_ns()
        self._is_first = True
        self._lost = 0
        self._camera, self._layout = started(settings)

    def next_frame(self, deadline_ns: int) -> Frame | None:
        while (request := self._next_request(deadline_ns)) is not None:
            try:
                metadata = request.get_metadata()
                if self._is_fresh(metadata["SensorTimestamp"]):
                    return self._frame(metadata, request)
            finally:
                # A request that is kept is a buffer that the camera lacks: after a few it stops.
                request.release()
        return None

    def lost(self) -> int:
        return self._lost

    def close(self) -> None:
        # A job that waits for a frame stands before the one that stops the camera, and would keep it waiting.
        self._camera.cancel_all_and_flush()
        self._camera.stop()
        self._camera.close()

    def _next_request(self, deadline_ns: int) -> Request | None:
        """A completed request, or None at the deadline: its job then goes on waiting, for the next call."""
        left_s = (deadline_ns - clock.now_ns()) / NS_PER_S
        if left_s <= 0:
            return None
        if self._job is None:
            self._job = self._camera.capture_request(wait=False)
        try:
            request = self._camera.wait(self._job, timeout=left_s)
        except TimeoutError:
            return None
        self._job = None
        return request

    def _is_fresh(self, stamp_ns: int) -> bool:
        return stamp_ns > self._stamp_ns and clock.now_ns() - stamp_ns < OLDEST_NS

    def _frame(self, metadata: dict[str, Any], request: Request) -> Frame:
        settings, layout = self._settings, self._layout
        size = (settings.width_px, settings.height_px)
        half = None
        try:
            pixels = to_rgb(request.make_array("main"), layout.format, size)
            if layout.has_half:
                half = to_rgb(request.make_array("lores"), HALF_FORMAT, (size[0] // 2, size[1] // 2))
        except ValueError as error:
            raise CameraFault(f"the camera gives something else than it said ({error})") from None
        stamp_ns = metadata["SensorTimestamp"]
        missed = 0 if self._is_first else max(0, round((stamp_ns - self._stamp_ns) / self._period_ns) - 1)
        self._is_first = False
        self._lost += missed
        self._number += 1 + missed
        self._stamp_ns = stamp_ns
        # The pulse of a trigger from outside is the exposure, of which the sensor's own word knows nothing.
        told_us = metadata.get("ExposureTime") if settings.trigger_pin is None else None
        exposed_at_ns = stamp_ns + 500 * (settings.readout_us - (told_us or settings.exposure_us))
        return Frame("picamera", self._number, exposed_at_ns, pixels, half=half)
