"""Which camera a run has: the one place that knows all of them."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from edge.capture.mailbox import FrameSource
from edge.capture.reopening import ReopeningCamera
from edge.config import Camera
from edge.errors import UsageFault
from edge.registered import registered

CAMERA_VARIABLE, CAMERAS = "SORTER_CAMERA", "sorter.cameras"
NS_PER_S = 1_000_000_000


def open_camera(settings: Camera, beside: Path | None) -> FrameSource:
    """The camera that SORTER_CAMERA names, as GPIOZERO_PIN_FACTORY names who drives the pins (entry points of
    `sorter.cameras`, each a function of the profile's `[camera]`); without it the one that the profile names. One that
    may stall is opened anew. `beside`: the folder from which a relative path counts.

    Raises CameraFault or UsageFault where there is none.
    """
    frame_ns = round(NS_PER_S / settings.frames_hz)
    if named := os.environ.get(CAMERA_VARIABLE):
        return _registered_camera(named, settings)
    if settings.source == "picamera":
        from edge.capture.picamera import PicameraCamera  # noqa: PLC0415  # a machine has one camera: no other is loaded

        return ReopeningCamera(lambda: PicameraCamera(settings), frame_ns)
    if (number := settings.usb_number) is not None:
        from edge.capture.usb import UsbCamera  # noqa: PLC0415  # as above

        return ReopeningCamera(lambda: UsbCamera(number, settings), frame_ns)
    from edge.capture.files import FilesCamera  # noqa: PLC0415  # as above

    return FilesCamera((beside or Path()) / settings.source, settings)


def _registered_camera(name: str, settings: Camera) -> FrameSource:
    found = registered(CAMERAS)
    if name not in found:
        raise UsageFault(
            f"{CAMERA_VARIABLE} = {name}: no such camera; have {', '.join(sorted(found))}, or leave it out"
        )
    module, _, function = found[name].partition(":")
    camera: FrameSource = getattr(importlib.import_module(module), function)(settings)
    return camera
