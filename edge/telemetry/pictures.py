"""Small pictures for people: a fruit's crop kept until its verdict, and pixels as a JPEG that a message can carry."""

from __future__ import annotations

import base64
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.belt import belt_um_at_origin
from edge.config import Profile
from edge.datapath import Detection, Track
from edge.telemetry.preview_messages import MOST_PICTURE

QUALITIES = (60, 35)

_CROPS = 32
_SAME_UM = 15_000
"""A crop is of the track whose place it was seen at: fruit are further apart than this."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """A crop, uint8 RGB, of the fruit whose middle was at x = 0 at `origin_um` and is `y_mm` across."""

    origin_um: int
    y_mm: float
    pixels: NDArray[np.uint8]


class CropShelf:
    """The last fruit's crops, one each, from the frame that had it nearest to the picture's middle."""

    def __init__(self, profile: Profile) -> None:
        self._middle_mm = profile.camera.view_mm / 2
        self._stride_mm = profile.belt.speed_mm_s / profile.camera.frames_hz
        self._kept: deque[_Kept] = deque(maxlen=_CROPS)

    def see(self, travel_um: int, detections: Iterable[Detection]) -> None:
        """Copies what it keeps: a crop may share its memory with the whole frame."""
        for seen in detections:
            if seen.merged or seen.x_mm is None or seen.y_mm is None:
                continue
            if -0.5 <= (seen.x_mm - self._middle_mm) / self._stride_mm < 0.5:
                self._kept.append(_Kept(belt_um_at_origin(seen.x_mm, travel_um), seen.y_mm, seen.crop.copy()))

    def of(self, track: Track) -> NDArray[np.uint8] | None:
        for kept in reversed(self._kept):
            if abs(kept.origin_um - track.belt_um) < _SAME_UM and abs(kept.y_mm - track.y_mm) < _SAME_UM / 1000:
                return kept.pixels
        return None


def as_shares(box_px: tuple[int, int, int, int], width: int, height: int) -> tuple[float, float, float, float]:
    """A box of pixels as shares of the picture."""
    x, y, w, h = box_px
    return (round(x / width, 4), round(y / height, 4), round(w / width, 4), round(h / height, 4))


def jpeg_text(pixels: NDArray[np.uint8], width_px: int) -> str | None:
    """Base64 of a JPEG of uint8 RGB (h, w, 3), at most so wide; None where even the poorest is too large."""
    height, width = pixels.shape[:2]
    if width > width_px:
        size = (width_px, max(1, round(height * width_px / width)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    for quality in QUALITIES:
        _, coded = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, quality))
        text = base64.b64encode(coded.tobytes()).decode()
        if len(text) <= MOST_PICTURE:
            return text
    return None
