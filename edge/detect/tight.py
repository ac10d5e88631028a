"""Outlines of small items, drawn tight.

Around a small item a camera's blur and JPEG, which stores colour in blocks of 16 pixels, spread a hint of its colour:
enough to differ from the background, and up to five times the item's own area. The item ends half way down.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.border import Colours, colours_of

_SMALL_PX = 64
"""What is longer is seen well enough: what is spread about it is little beside it, and its own light and shade more."""

_HALF = 0.5
_ROUNDS = 3

_GLOSS = 0.1
"""What stands out and is a smaller share of the item is a bright spot on it."""

Mask = NDArray[np.uint8]


def tightened(mask: Mask, grid: NDArray[np.uint8], background: Colours) -> Mask:
    """The mask, uint8 (h, w), of one small item of the `grid`, RGB (h, w, 3), without what differs from the background
    by less than half of what the item itself does; a larger item's as it is. `background`: see `border.background_of`.
    """
    x, y, w, h = cv2.boundingRect(mask)
    if max(w, h) > _SMALL_PX or cv2.countNonZero(mask) == mask.size:
        return mask
    window = (slice(y, y + h), slice(x, x + w))
    away = np.abs(grid[window].astype(np.float32) - colours_of(background[window])).max(axis=2)
    loose = mask[window]
    tight = _largest(away, loose, _parting(away[loose > 0]))
    if cv2.countNonZero(tight) < _GLOSS * cv2.countNonZero(loose):
        away = np.minimum(away, _parting(away[loose > 0]))
        tight = _largest(away, loose, _parting(away[loose > 0]))
    for _ in range(_ROUNDS):
        tight = _largest(away, loose, _HALF * float(np.median(away[tight > 0])))
    result = np.zeros_like(mask)
    result[window] = tight
    return result


def _parting(values: Colours) -> float:
    """Where Otsu parts them, and a little less, so that what is one value has it."""
    limit, _ = cv2.threshold(values.astype(np.uint8).reshape(1, -1), 0, 255, cv2.THRESH_OTSU)
    return limit - 0.5


def _largest(away: Colours, loose: Mask, limit: float) -> Mask:
    """The largest piece of the mask that is over the limit, without holes; the mask where there is none."""
    over = ((away > limit) & (loose > 0)).astype(np.uint8) * 255
    outlines = cv2.findContours(over, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    if not outlines:
        return loose
    tight = np.zeros_like(loose)
    cv2.drawContours(tight, [max(outlines, key=cv2.contourArea)], 0, 255, cv2.FILLED)
    return tight
