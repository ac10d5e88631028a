"""Lamp, lens and window before the camera, when they fail: what of the light on the belt reaches the picture."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.faults import Faults
from sim.wear import Wear, worn

Pixels = NDArray[np.uint8]

_DARK = 0.02
"""What is left of the light when the lamp is off: a hall is never quite dark."""

_AGED = 0.5
"""What is left of it at the end of a drift."""

_FLICKER, _FLICKER_HZ = 0.2, 100.0
"""Depth and rate of a lamp on a mains of 50 Hz."""

_SPOTS = ((0.22, 0.42, 0.08), (0.5, 0.62, 0.11), (0.78, 0.36, 0.09))
"""Drops on the lens: x, y and radius as parts of the picture's width and height, and of its height."""

_OPAQUE = 0.55
_FILM_PX = 2.5
"""The blur of the film of dust around the drops, a standard deviation."""


class Optics:
    """One run's. `dim` every picture; where nothing has failed, it comes back as it is."""

    def __init__(self, faults: Faults, size_px: tuple[int, int]) -> None:
        """`size_px`: width and height of a picture."""
        self._faults = faults
        self._clear = _clearness(size_px) if faults.spans("dirty-lens") else None

    def dim(self, picture: Pixels, exposed_ns: int) -> Pixels:
        """What the camera gets of a picture, uint8 RGB (h, w, 3), exposed at an instant."""
        if not self._faults:
            return picture
        light = self._light(exposed_ns)
        if light != 1.0:
            picture = np.asarray(cv2.convertScaleAbs(picture, alpha=light), np.uint8)
        if self._clear is not None and self._faults.holds("dirty-lens", exposed_ns):
            soft = cv2.GaussianBlur(picture, (0, 0), _FILM_PX)
            picture = np.asarray(cv2.multiply(soft, self._clear, dtype=cv2.CV_8U), np.uint8)
        return worn(picture, Wear(self._gone("lamp-ageing", exposed_ns), self._gone("lens-film", exposed_ns)))

    def _gone(self, name: str, at_ns: int) -> float:
        """How far a fault that grows has come, 0 to 1."""
        spans = self._faults.spans(name)
        return max(
            [(at_ns - from_ns) / (to_ns - from_ns) for from_ns, to_ns in spans if from_ns <= at_ns < to_ns] or [0.0]
        )

    def _light(self, at_ns: int) -> float:
        """The lamp's light, of what it should give."""
        light = 1.0
        for from_ns, to_ns in self._faults.spans("light-drift"):
            if from_ns <= at_ns < to_ns:
                light *= 1 - (1 - _AGED) * (at_ns - from_ns) / (to_ns - from_ns)
        if self._faults.holds("flicker", at_ns):
            light *= 1 + _FLICKER * math.sin(2 * math.pi * _FLICKER_HZ * at_ns / 1e9)
        if self._faults.holds("lamp-off", at_ns):
            light *= _DARK
        return light


def _clearness(size_px: tuple[int, int]) -> NDArray[np.float32]:
    """What drops let through, float32 (h, w, 3): they are out of focus, so their rims are soft."""
    width, height = size_px
    clear = np.ones((height, width, 3), np.float32)
    for x, y, radius in _SPOTS:
        cv2.circle(clear, (round(x * width), round(y * height)), round(radius * height), (1 - _OPAQUE,) * 3, -1)
    return np.asarray(cv2.GaussianBlur(clear, (0, 0), 0.02 * height), np.float32)
