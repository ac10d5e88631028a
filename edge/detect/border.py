"""What stands behind the fruit in a still, learnt from the picture's border.

Colours are logarithms of RGB, so that more or less light is a shift. The background is a plane through the border's
colours: one colour, brighter to one side. Fruit that reaches the border is outvoted by its corners.
"""

import colorsys

import numpy as np
from numpy.typing import NDArray

_DARK = 24.0
"""Added to every value before the logarithm: nearly black pixels have no hue."""

_BAND = 0.03
_CORNER = 0.06
"""Widths of the border and of its corners, as shares of the picture's shorter side."""

Colours = NDArray[np.float32]


def log_colours(pixels: NDArray[np.uint8]) -> Colours:
    """float32, the pixels' shape."""
    logs: Colours = np.log(pixels.astype(np.float32) + np.float32(_DARK))
    return logs


def colours_of(logs: Colours) -> Colours:
    """RGB of log colours, 0 to 255, of their shape."""
    return np.asarray(np.clip(np.exp(logs) - np.float32(_DARK), 0, 255), np.float32)


def differences(colours: Colours, background: Colours) -> tuple[Colours, Colours]:
    """How far colours (..., 3) lie from the background's: in hue (0 or more), and in light (negative is darker)."""
    red, green, blue = np.moveaxis(colours - background, -1, 0)
    return np.maximum(np.abs(red - green), np.abs(blue - green)), (red + green + blue) / 3


def in_shade(background: Colours, colours: Colours) -> Colours:
    """The background's log colours where it gets as little light as the picture's `colours` there would need."""
    bare = np.exp(background) - np.float32(_DARK)
    light = (np.exp(colours) - np.float32(_DARK)).sum(axis=-1, keepdims=True)
    share = np.clip(light / np.maximum(bare.sum(axis=-1, keepdims=True), 1), 0, 1)
    return np.asarray(np.log(np.maximum(bare * share, 0) + np.float32(_DARK)), np.float32)


def background_of(pixels: NDArray[np.uint8]) -> tuple[Colours, tuple[float, float]]:
    """The background's log colours at each pixel of uint8 RGB (h, w, 3), float32 of that shape, and the deviation of
    its texture in hue and in light."""
    height, width = pixels.shape[:2]
    rows, columns = _border(height, width)
    colours = log_colours(pixels[rows, columns])
    places = np.stack([np.ones(len(rows)), columns / width - 0.5, rows / height - 0.5], axis=1).astype(np.float32)
    hue, light = differences(colours, _seed(pixels))
    kept = (hue < 0.35) & (light > -0.9) & (light < 0.7)
    plane = np.zeros((3, 3), np.float32)
    for _ in range(3):
        plane = np.linalg.lstsq(places[kept], colours[kept], rcond=None)[0].astype(np.float32)
        hue, light = differences(colours, places @ plane)
        spread = (1.48 * float(np.median(hue[kept])), 1.48 * float(np.median(np.abs(light[kept]))))
        kept = (hue < max(0.12, 3 * spread[0])) & (np.abs(light) < max(0.3, 3 * spread[1]))
    across = np.arange(width, dtype=np.float32) / width - 0.5
    down = np.arange(height, dtype=np.float32) / height - 0.5
    background = plane[0] + across[np.newaxis, :, np.newaxis] * plane[1] + down[:, np.newaxis, np.newaxis] * plane[2]
    return background, spread


def is_fruit_coloured(background: Colours) -> bool:
    """Whether the border itself is as strongly coloured as a tomato: then the fruit fills the picture."""
    red, green, blue = (colours_of(background.mean(axis=(0, 1))) / 255).tolist()
    hue, saturation, value = colorsys.rgb_to_hsv(red, green, blue)
    if value < 0.12:
        return False
    if hue < 0.14 or hue > 0.95:  # red to orange; wood is paler
        return saturation > 0.7
    return hue < 0.4 and saturation > 0.4


def _border(height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    band = max(1, round(_BAND * min(height, width)))
    border = np.ones((height, width), np.bool_)
    border[band : height - band, band : width - band] = False
    rows, columns = np.nonzero(border)
    step = max(1, len(rows) // 4000)
    return rows[::step], columns[::step]


def _seed(pixels: NDArray[np.uint8]) -> Colours:
    """The log colour of the corner that is most like the other three, float32 (3,)."""
    side = max(2, round(_CORNER * min(pixels.shape[:2])))
    ends = (slice(0, side), slice(-side, None))
    corners = np.array([np.median(log_colours(pixels[r, c]).reshape(-1, 3), axis=0) for r in ends for c in ends])
    apart = np.abs(corners[:, np.newaxis] - corners).sum(axis=(1, 2))
    seed: Colours = corners[int(np.argmin(apart))].astype(np.float32)
    return seed
