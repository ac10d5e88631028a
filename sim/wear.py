"""What years do to a lamp and to a lens, as far as it reaches the picture. Each in parts of a state in which the
factory bundle is right about seven fruit in ten: 0 is as new."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_LOST_RGB = (0.33, 0.56, 0.79)
"""Of the light of a lamp at its end, by colour: it gets dimmer and warmer."""

_FILM_PX = 4.5
"""The blur of a film that is as thick as it can be, a standard deviation."""

_VEIL, _VEIL_GREY = 0.5, 120.0
"""Of the picture, the share that such a film hides behind the light that it scatters, and how bright that is."""


@dataclass(frozen=True, slots=True)
class Wear:
    """How far gone each is, 0 to 1."""

    lamp: float = 0.0
    lens: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.lamp or self.lens)


def worn(picture: Pixels, wear: Wear) -> Pixels:
    """What the camera gets of a picture, uint8 RGB (h, w, 3)."""
    if wear.lamp:
        gains = np.diag([1 - lost * wear.lamp for lost in _LOST_RGB])
        picture = np.asarray(cv2.transform(picture, gains), np.uint8)
    if wear.lens:
        soft = cv2.GaussianBlur(picture, (0, 0), _FILM_PX * wear.lens)
        veil = _VEIL * wear.lens
        picture = np.asarray(cv2.convertScaleAbs(soft, alpha=1 - veil, beta=veil * _VEIL_GREY), np.uint8)
    return picture
