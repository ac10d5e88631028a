"""The camera of a Raspberry Pi, through picamera2. Answers `edge.capture.mailbox.FrameSource`; one thread owns it.

`SensorTimestamp` is taken when the sensor sends its first row, which is when that row's exposure ends: picamera2 itself
takes `SensorTimestamp - ExposureTime` for the start (`Picamera2.wait_for_timestamp_`, raspberrypi/picamera2#821). So
the middle is half an exposure before the stamp. libcamera says CLOCK_BOOTTIME of it and picamera2 CLOCK_MONOTONIC: on a
Pi, which is never suspended, they are the same.
"""

from __future__ import annotations

import importlib
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edge import clock
from edge.capture.freshness import OLDEST_NS
from edge.config import Camera
from edge.datapath import Frame
from edge.errors import CameraFault

NS_PER_S = 1_000_000_000

FORMAT = "BGR888"
"""picamera2 names colours as libcamera does, from the word's high byte down: this one is R, G, B in memory."""


class _Request(Protocol):
    def get_metadata(self) -> dict[str, Any]: ...
    def make_array(self, name: str) -> NDArray[np.uint8]: ...
    def release(self) -> None: ...


class _Picamera2(Protocol):
    """What is used of picamera2's one class."""

    def create_video_configuration(
        self, main: dict[str, object], buffer_count: int, controls: dict[str, object]
    ) -> dict[str, object]: ...
    def configure(self, camera_config: dict[str, object]) -> None: ...
    def camera_configuration(self) -> dict[str, Any]: ...
    def start(self) -> None: ...
    def capture_request(self, wait: bool) -> object: ...
    def wait(self, job: object, timeout: float) -> _Request: ...
    def cancel_all_and_flush(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


class PicameraCamera:
    """The first camera of the Pi, running from construction, with exposure, gain and colours fixed by the profile."""

    def __init__(self, settings: Camera) -> None:
        """Raises CameraFault where picamera2 or a camera is missing, or the camera cannot do what the profile says."""
        self._period_ns = round(NS_PER_S / settings.frames_hz)
        self._exposure_us = settings.exposure_us
        self._job: object = None
        self._number = 0
        self._stamp_ns = clock.now_ns()
        self._is_first = True
        self._lost = 0
        self._camera = _started(settings)

    def next_frame(self, deadline_ns: int) -> Frame | None:
        while (request := self._next_request(deadline_ns)) is not None:
            try:
                metadata = request.get_metadata()
                if self._is_fresh(metadata["SensorTimestamp"]):
                    pixels = np.ascontiguousarray(request.make_array("main"))
                    return self._frame(metadata, pixels)
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

    def _next_request(self, deadline_ns: int) -> _Request | None:
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

    def _frame(self, metadata: dict[str, Any], pixels: NDArray[np.uint8]) -> Frame:
        stamp_ns = metadata["SensorTimestamp"]
        missed = 0 if self._is_first else max(0, round((stamp_ns - self._stamp_ns) / self._period_ns) - 1)
        self._is_first = False
        self._lost += missed
        self._number += 1 + missed
        self._stamp_ns = stamp_ns
        exposure_us = metadata.get("ExposureTime", self._exposure_us)
        return Frame("picamera", self._number, stamp_ns - exposure_us * 500, pixels)


def _started(settings: Camera) -> _Picamera2:
    try:
        picamera2 = importlib.import_module("picamera2")
    except ImportError as error:
        raise CameraFault(
            f"the camera needs picamera2, which does not load ({error}): sudo apt install python3-picamera2, and a "
            "virtual environment made with --system-site-packages"
        ) from None
    try:
        camera: _Picamera2 = picamera2.Picamera2()
    except Exception as error:
        raise CameraFault(
            f"no camera answers ({error}); check its ribbon cable, and what rpicam-hello --list-cameras shows"
        ) from None
    try:
        camera.configure(_configuration(camera, settings))
        _check_format(camera.camera_configuration()["main"], settings)
        camera.start()
    except CameraFault:
        camera.close()
        raise
    except Exception as error:
        camera.close()
        raise CameraFault(f"the camera does not start ({error}); end whatever else uses it") from None
    return camera


def _configuration(camera: _Picamera2, settings: Camera) -> dict[str, object]:
    period_us = round(1e6 / settings.frames_hz)
    return camera.create_video_configuration(
        main={"format": FORMAT, "size": (settings.width_px, settings.height_px)},
        buffer_count=4,
        controls={
            "AeEnable": False,
            "AwbEnable": False,
            "ExposureTime": settings.exposure_us,
            "AnalogueGain": settings.gain,
            "ColourGains": settings.white_balance,
            "FrameDurationLimits": (period_us, period_us),
        },
    )


def _check_format(given: dict[str, Any], settings: Camera) -> None:
    """libcamera adjusts what it cannot do, and says nothing."""
    size = (settings.width_px, settings.height_px)
    if (given["format"], tuple(given["size"])) != (FORMAT, size):
        width_px, height_px = given["size"]
        raise CameraFault(
            f"[camera] width_px, height_px = {size[0]}, {size[1]}: the camera gives {width_px}, {height_px} as "
            f"{given['format']} instead; choose a size that it has in {FORMAT}"
        )
