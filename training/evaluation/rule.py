"""The rule that a grader must beat: ripeness by the fruit's median Lab hue, white balanced, and nothing else.

Its two thresholds lie half way between the grades of the atlas's train part: nothing of what it is measured on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from training.colour import hue_deg
from training.dataset import RIPENESS, Picture

_BRIGHT, _BURNT = 60, 250
"""Grey levels between which a background tells the colour of the light."""

_STRONGEST = 1.6
"""A background further than that from grey is coloured, not lit."""


@dataclass(frozen=True, slots=True)
class HueRule:
    """Red below the first hue, green from the second, turning between; degrees."""

    turning_from_deg: float
    green_from_deg: float

    @classmethod
    def of(cls, pictures: Sequence[Picture]) -> HueRule:
        """From views whose ripeness is told."""
        hues: dict[str, list[float]] = {grade: [] for grade in RIPENESS}
        for picture in pictures:
            if picture.ripeness >= 0:
                hues[RIPENESS[picture.ripeness]].append(hue_deg(picture.pixels, picture.mask))
        green, turning, red = (float(np.median(hues[grade])) for grade in RIPENESS)
        return cls((red + turning) / 2, (turning + green) / 2)

    def grade(self, pixels: NDArray[np.uint8], mask: NDArray[np.uint8]) -> str:
        """One of RIPENESS. `pixels` is uint8 RGB (h, w, 3), `mask` uint8 over it at any resolution."""
        height, width = pixels.shape[:2]
        whole = np.asarray(cv2.resize(mask, (width, height), interpolation=cv2.INTER_NEAREST), np.uint8)
        hue = hue_deg(balanced(pixels, whole), whole)
        return "red" if hue < self.turning_from_deg else "turning" if hue < self.green_from_deg else "green"


def balanced(pixels: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Gains that make the background grey, where there is a background that is neither dark, burnt out nor coloured."""
    around = pixels[mask == 0]
    if len(around) < 0.02 * mask.size:
        return pixels
    light = np.median(around, axis=0)
    if light.min() < _BRIGHT or light.max() > _BURNT or light.max() / light.min() > _STRONGEST:
        return pixels
    return np.asarray(np.clip(pixels * (light.mean() / light), 0, 255), np.uint8)
