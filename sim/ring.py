"""The camera's cable of the live machine: frames cross from the world to the device in shared memory.

A file in the world's private folder, mapped by both sides, holds a few slots; a datagram socket beside it rings a bell
with the number of each new frame. A slot's sequence number is odd while it is written (a sequence lock): a reader that
was overtaken gives the frame up as lost. The device may come and go: the world writes whether anyone looks or not.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import select
import socket
import struct
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge import clock
from edge.config import Camera
from edge.datapath import Frame
from edge.errors import CameraFault

CAMERA_VARIABLE = "SORTER_SIM_CAMERA"
SLOTS = 4
_HEADER_BYTES = 64  # sequence, number, exposed_at_ns as uint64; a cache line keeps the pixels aligned
_BELL = struct.Struct("<Q")


class _Slots:
    """The mapped file as arrays: `heads` uint64 (slots, 8), `pixels` uint8 (slots, height, width, 3)."""

    def __init__(self, path: Path, width_px: int, height_px: int, create: bool) -> None:
        size, stride = width_px * height_px * 3, _stride(width_px, height_px)
        with path.open("w+b" if create else "r+b") as file:
            if create:
                file.truncate(SLOTS * stride)
            self._map = mmap.mmap(file.fileno(), SLOTS * stride)
        whole = np.frombuffer(self._map, np.uint8).reshape(SLOTS, stride)
        self.heads = whole[:, :_HEADER_BYTES].view(np.uint64)
        self.pixels = whole[:, _HEADER_BYTES : _HEADER_BYTES + size].reshape(SLOTS, height_px, width_px, 3)


def _stride(width_px: int, height_px: int) -> int:
    return _HEADER_BYTES + (width_px * height_px * 3 + 63) // 64 * 64


class FrameRing:
    """The world's end, the one writer. Belongs to one thread."""

    def __init__(self, folder: Path, width_px: int, height_px: int) -> None:
        self._slots = _Slots(folder / "ring", width_px, height_px, create=True)
        self._bell_path = str(folder / "bell")
        self._bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._bell.setblocking(False)

    @property
    def awaited(self) -> bool:
        """Whether a device has ever opened its end."""
        return Path(self._bell_path).exists()

    def write(self, number: int, exposed_at_ns: int, pixels: NDArray[np.uint8]) -> None:
        """Publish one frame, uint8 RGB (height, width, 3). Never blocks."""
        head = self._slots.heads[number % SLOTS]
        head[0] += np.uint64(1)
        head[1], head[2] = number, exposed_at_ns
        self._slots.pixels[number % SLOTS] = pixels
        head[0] += np.uint64(1)
        with contextlib.suppress(OSError):  # nobody listens, or they do not keep up
            self._bell.sendto(_BELL.pack(number), self._bell_path)

    def close(self) -> None:
        self._bell.close()


class RingCamera:
    """The device's end: answers `edge.capture.mailbox.FrameSource`. Belongs to the capture thread."""

    def __init__(self, folder: Path, width_px: int, height_px: int) -> None:
        self._path = folder / "ring"
        self._size = (width_px, height_px)
        self._slots: _Slots | None = None
        self._last: int | None = None
        self._lost = 0
        bell_path = folder / "bell"
        bell_path.unlink(missing_ok=True)
        self._bell = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._bell.bind(str(bell_path))
        self._bell.setblocking(False)

    def next_frame(self, deadline_ns: int) -> Frame | None:
        while (left_ns := deadline_ns - clock.now_ns()) > 0:
            if select.select([self._bell], [], [], left_ns / 1e9)[0] and (frame := self._read(self._newest())):
                return frame
        return None

    def lost(self) -> int:
        return self._lost

    def close(self) -> None:
        self._bell.close()

    def _newest(self) -> int:
        number = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                (number,) = _BELL.unpack(self._bell.recv(_BELL.size))
        return number

    def _read(self, number: int) -> Frame | None:
        if self._slots is None:
            self._slots = _Slots(self._path, *self._size, create=False)
        head = self._slots.heads[number % SLOTS]
        before = head.copy()
        pixels = self._slots.pixels[number % SLOTS].copy()
        if before[0] % 2 or before[1] != number or head[0] != before[0]:
            return None  # overtaken; the gap in the numbers counts it
        if self._last is not None:
            self._lost += max(0, number - self._last - 1)
        self._last = number
        return Frame("ring", number, int(before[2]), pixels)


def camera(settings: Camera) -> RingCamera:
    """The simulated machine's camera, for whoever was lent it: SORTER_SIM_CAMERA names the folder. Raises CameraFault
    where there is none, or it has another size."""
    folder = Path(os.environ.get(CAMERA_VARIABLE, ""))
    try:
        size = (folder / "ring").stat().st_size
    except OSError:
        raise CameraFault(f"{CAMERA_VARIABLE} = {folder}: no simulator's camera there; start `sorter sim`") from None
    if size != SLOTS * _stride(settings.width_px, settings.height_px):
        raise CameraFault(
            f"[camera] width_px, height_px = {settings.width_px}, {settings.height_px}: the simulator's camera has "
            "another size; take its scenario's profile"
        )
    return RingCamera(folder, settings.width_px, settings.height_px)
