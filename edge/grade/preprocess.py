"""The one road from a crop to the network's input. Training takes it too, so both see the same pixels.

Version 1: the fruit is centred on a square that is `margin` wider than its longer side; what the mask leaves out is
painted the background's grey, a little inside the outline, where fruit and surroundings mix.
"""

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.bundle import Preprocessing

_INSIDE = 192
"""A scaled mask is fruit from here, of 255: above one half, so that the mixed rim of the outline is left out."""

_HALVE_FROM = 2.0
"""A crop is halved until less than this is left to shrink, and then interpolated, which would skip pixels beyond it.
Averaging areas of any other size takes 4 times as long."""


def to_tensor(crop: NDArray[np.uint8], mask: NDArray[np.uint8], spec: Preprocessing) -> NDArray[np.uint8]:
    """The network's input, uint8 RGB (N, N, 3), new memory.

    `crop` is uint8 RGB (h, w, 3), just the fruit's box; `mask` uint8 (h', w') covers the same box at any resolution.
    """
    size = spec.size_px
    tensor = np.empty((size, size, 3), np.uint8)
    tensor.fill(spec.background)
    height, width = crop.shape[:2]
    scale = size / ((1 + spec.margin) * max(height, width))
    scaled = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels: MatLike = crop
    while scale * _HALVE_FROM < 1 and height > 1 and width > 1:
        scale *= 2
        height, width = height // 2, width // 2
        pixels = cv2.resize(pixels[: 2 * height, : 2 * width], (width, height), interpolation=cv2.INTER_AREA)
    shape = cv2.resize(mask, scaled, interpolation=cv2.INTER_LINEAR)
    cv2.threshold(shape, _INSIDE, 255, cv2.THRESH_BINARY, shape)
    left, top = (size - scaled[0]) // 2, (size - scaled[1]) // 2
    inside = tensor[top : top + scaled[1], left : left + scaled[0]]
    cv2.copyTo(cv2.resize(pixels, scaled, interpolation=cv2.INTER_LINEAR), shape, inside)
    return tensor
