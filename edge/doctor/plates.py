"""What stands still in the pictures of a camera, held to what stood still when it was calibrated."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.calibrate.align import moved
from edge.calibrate.light import median_plate
from edge.capture.images import read_image
from edge.config import Profile
from edge.doctor.fit import Shift
from edge.errors import ImageFault, UsageFault

Pixels = NDArray[np.uint8]

FEWEST = 7
"""Pictures: with fewer, what a fruit covers may be taken for what stands still."""

_STILL = 40
"""Grey levels between a pixel's darkest and brightest, up to which it stood still: noise and a lamp's ripple."""


def kept(profile: Profile, beside: Path) -> Pixels | None:
    """The calibration's plate, uint8 RGB (h, w, 3); None where there is none, or it is of another size."""
    light = profile.calibration.light
    if light is None:
        return None
    try:
        plate = read_image(beside / light.plate)
    except (ImageFault, UsageFault):
        return None
    return plate if plate.shape[:2] == (profile.camera.height_px, profile.camera.width_px) else None


def shift(then: Pixels, pictures: Sequence[Pixels], mm_per_px: float) -> Shift:
    """How the camera has moved. `pictures`: some of now, a little apart; what moves in them is passed over."""
    now = median_plate(pictures)
    grey = np.stack([cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in pictures])
    moves = (grey.max(axis=0) - grey.min(axis=0)) > _STILL
    around = cv2.dilate(moves.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)
    still = ~around
    gain = float(np.median(now[still] / np.maximum(then[still], 1.0))) if still.any() else 1.0
    now[around] = np.clip(then[around] * gain, 0, 255).astype(np.uint8)
    found = moved(then, now)
    return Shift(found.along_px * mm_per_px, found.across_px * mm_per_px, found.turn_deg, found.zoom, found.along_known)
