"""How a Pi's camera is asked for what the profile says, and what it makes of that: libcamera adjusts what it cannot do,
and says nothing."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edge.capture.planes import KNOWN, RGB
from edge.config import Camera
from edge.errors import CameraFault
from edge.log import Log

HALF_FORMAT = "YUV420"
"""The second stream's: on a Pi 4 it has no other."""

_LOG = Log("capture")


class Request(Protocol):
    def get_metadata(self) -> dict[str, Any]: ...
    def make_array(self, name: str) -> NDArray[np.uint8]: ...
    def release(self) -> None: ...


class Picamera2(Protocol):
    """What is used of picamera2's one class."""

    camera_controls: dict[str, Any]

    def create_video_configuration(
        self, main: dict[str, object], lores: dict[str, object] | None, buffer_count: int, controls: dict[str, object]
    ) -> dict[str, object]: ...
    def configure(self, camera_config: dict[str, object]) -> None: ...
    def camera_configuration(self) -> dict[str, Any]: ...
    def start(self) -> None: ...
    def capture_request(self, wait: bool) -> object: ...
    def wait(self, job: object, timeout: float) -> Request: ...
    def cancel_all_and_flush(self) -> None: ...
    def stop(self) -> None: ...
    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Layout:
    """What the camera gives: the format of its pictures, and whether each comes at half its size too."""

    format: str
    has_half: bool


def started(settings: Camera) -> tuple[Picamera2, Layout]:
    """The first camera, running. Raises CameraFault, with the camera let go."""
    camera = _found()
    try:
        layout = _configured(camera, settings)
        camera.start()
    except CameraFault:
        camera.close()
        raise
    except Exception as error:
        camera.close()
        raise CameraFault(f"the camera does not start ({error}); end whatever else uses it") from None
    return camera, layout


def _found() -> Picamera2:
    try:
        picamera2 = importlib.import_module("picamera2")
    except Exception as error:  # one that was built for another NumPy raises ValueError
        raise CameraFault(
            f"the camera needs picamera2, which does not load ({error}): sudo apt install python3-picamera2, and a "
            "virtual environment made with --system-site-packages"
        ) from None
    try:
        camera: Picamera2 = picamera2.Picamera2()
    except Exception as error:
        raise CameraFault(
            f"no camera answers ({error}); check its ribbon cable, and what rpicam-hello --list-cameras shows"
        ) from None
    return camera


def _configured(camera: Picamera2, settings: Camera) -> Layout:
    controls = _controls(settings)
    # picamera2 raises for a control that the camera lacks; without it the camera does as it likes.
    if missing := [name for name in controls if name not in camera.camera_controls]:
        _LOG.warning("the camera cannot be told all that the profile says", lacks=", ".join(missing))
    known = {name: value for name, value in controls.items() if name in camera.camera_controls}
    size = (settings.width_px, settings.height_px)
    main: dict[str, object] = {"format": RGB, "size": size}
    for half in _halves(settings):
        try:
            camera.configure(camera.create_video_configuration(dict(main), half, buffer_count=4, controls=known))
        except Exception:
            if half is None:
                raise
            continue  # a camera that has no second stream
        given = camera.camera_configuration()
        if half is None or _is_given(given.get("lores"), half):
            _check(given["main"], size)
            return Layout(given["main"]["format"], half is not None)
    raise AssertionError("the last try is without a second stream")


def _halves(settings: Camera) -> Iterable[dict[str, object] | None]:
    """The second stream as it is asked for, then without."""
    width, height = settings.width_px // 2, settings.height_px // 2
    if settings.two_streams and not (settings.width_px % 4 or settings.height_px % 4):
        yield {"format": HALF_FORMAT, "size": (width, height)}
    yield None


def _is_given(given: dict[str, Any] | None, asked: dict[str, object]) -> bool:
    return given is not None and (given["format"], tuple(given["size"])) == (asked["format"], asked["size"])


def _controls(settings: Camera) -> dict[str, object]:
    period_us = round(1e6 / settings.frames_hz)
    controls: dict[str, object] = {
        "AeEnable": False,
        "AwbEnable": False,
        "ExposureTime": settings.exposure_us,
        "AnalogueGain": settings.gain,
        "ColourGains": settings.white_balance,
    }
    # One that is triggered from outside has its time between frames from there.
    return controls if settings.trigger_pin is not None else controls | {"FrameDurationLimits": (period_us, period_us)}


def _check(given: dict[str, Any], size: tuple[int, int]) -> None:
    if tuple(given["size"]) != size or given["format"] not in KNOWN:
        width_px, height_px = given["size"]
        raise CameraFault(
            f"[camera] width_px, height_px = {size[0]}, {size[1]}: the camera gives {width_px}, {height_px} as "
            f"{given['format']} instead; choose a size that it has in {RGB}"
        )
