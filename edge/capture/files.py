"""A folder of images, or a video, played as a camera would deliver it: at the profile's rate, round and round.

Answers `edge.capture.mailbox.FrameSource`; one thread owns it. An image that cannot be used is named once and passed
over.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge import clock
from edge.capture.images import find_images, read_image
from edge.config import Camera
from edge.datapath import Frame
from edge.errors import CameraFault, ImageFault, UsageFault
from edge.log import Log

NS_PER_S = 1_000_000_000

Pixels = NDArray[np.uint8]

_LOG = Log("capture")


class FilesCamera:
    """Frames from files. The first is due at once; one that comes due while the reader is away is lost, as a camera's
    would be."""

    def __init__(self, path: Path, settings: Camera) -> None:
        """Raises UsageFault where there is nothing to play, CameraFault where none of it can be used."""
        if not path.exists():
            raise UsageFault(f"{path}: no such folder or video; [camera] source names what is played")
        images = find_images([path]) if path.is_dir() else None
        pictures = _endlessly(path, images, (settings.width_px, settings.height_px))
        self._pictures: Iterator[Pixels] = chain([next(pictures)], pictures)
        self._period_ns = round(NS_PER_S / settings.frames_hz)
        self._start_ns = clock.now_ns()
        self._number = 0
        self._lost = 0

    def next_frame(self, deadline_ns: int) -> Frame | None:
        number = max(self._number + 1, 1 + (clock.now_ns() - self._start_ns) // self._period_ns)
        due_ns = self._start_ns + (number - 1) * self._period_ns
        if due_ns > deadline_ns:
            clock.sleep_until(deadline_ns)
            return None
        pixels = next(self._pictures)
        clock.sleep_until(due_ns)
        self._lost += number - self._number - 1
        self._number = number
        return Frame("files", number, due_ns, pixels)

    def lost(self) -> int:
        return self._lost

    def close(self) -> None:
        self._pictures = iter(())


def _endlessly(path: Path, images: list[Path] | None, size: tuple[int, int]) -> Iterator[Pixels]:
    """Every picture of the right size, for ever. Raises CameraFault after a round without any."""
    said: set[str] = set()
    found = True
    while found:
        found = False
        for picture in _one_round(path, images, size):
            if isinstance(picture, ImageFault):
                if str(picture) not in said:
                    _LOG.warning(str(picture))
                said.add(str(picture))
            else:
                found = True
                yield picture
    raise CameraFault(f"{path}: holds no picture that can be played; {min(said, default='nothing in it is a frame')}")


def _one_round(path: Path, images: list[Path] | None, size: tuple[int, int]) -> Iterator[Pixels | ImageFault]:
    for pixels, where in _video(path) if images is None else _images(images):
        if isinstance(pixels, ImageFault):
            yield pixels
        elif pixels.shape[1::-1] != size:
            width_px, height_px = pixels.shape[1::-1]
            yield ImageFault(f"{where}: {width_px}x{height_px} px; must be {size[0]}x{size[1]}, as [camera] says")
        else:
            yield pixels


def _images(paths: list[Path]) -> Iterator[tuple[Pixels | ImageFault, Path]]:
    for path in paths:
        try:
            yield read_image(path), path
        except ImageFault as fault:
            yield fault, path


def _video(path: Path) -> Iterator[tuple[Pixels, Path]]:
    video = cv2.VideoCapture(str(path))
    try:
        while True:
            is_read, bgr = video.read()
            if not is_read:
                return
            yield np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8), path
    finally:
        video.release()
