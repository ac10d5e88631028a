"""The belt's colour: learnt from the frames themselves, and the mask of what is not belt.

A belt keeps its hue under more or less light and in shadow: its pixels lie along one ray from black. So the colours
are turned until that ray is one axis, and fruit is what lies off it: one matrix and one comparison a pixel.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.light import is_dark

_SAMPLES = 40
"""About so many columns, and as far apart as many rows, are sampled: 1,200 pixels of a frame of 4:3."""

_BINS = 24
_DARKEST = 60.0
"""Length of the RGB vector below which a belt counts as this bright: noise must not pass for colour."""

_CENTRE = 128.0
_BRIGHTEST = 1.6
"""Times the belt's own brightness; what is brighter is no belt."""

_DARKEST_SHADE = 0.35
"""Times the belt's own brightness; what is darker is no shadow on it, but a dark thing. A fruit's own shadow leaves
half of the light, a lamp that fades is followed within seconds."""

_NARROWEST, _WIDEST = 13.0, 30.0
"""Bounds of the tolerance, in units of 1/128 of the belt's brightness; between them it is 5 deviations of the belt."""

_VISIBLE = 0.15
"""The share of a row that must look like belt for it to be belt."""


class BeltColour:
    """`estimate` now and then; `mask` every frame. One thread."""

    __slots__ = ("_high", "_low", "_mask", "_masked", "_spread", "_turn", "_turned", "brightest", "colour", "rows")

    def __init__(self) -> None:
        self.colour: NDArray[np.float32] | None = None
        """The belt's RGB, float32 (3,), None before the first estimate."""
        self.brightest = 0
        """The channel in which the belt is brightest."""
        self._turn = np.eye(3, 4, dtype=np.float32)
        self._low = self._high = (0.0, 0.0, 0.0)
        self.rows = (0, 0)
        """The belt's: from the first up to the last. The picture's others show what it runs between."""
        self._masked: tuple[int, int] | None = None
        self._spread = 0.0
        # Large arrays made anew for each frame cost as much in page faults as the work on them.
        self._turned = np.empty((0, 0, 3), np.uint8)
        self._mask = np.empty((0, 0), np.uint8)

    def mask(self, pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """uint8 (h, w), 255 where the RGB `pixels` (h, w, 3) are not belt; rows beyond the belt's sides are 0, and not
        looked at. The next call writes into the same memory."""
        if self._mask.shape != pixels.shape[:2]:
            self._turned = np.empty_like(pixels)
            self._mask = np.empty(pixels.shape[:2], np.uint8)
            self._masked = None
        first, last = self.rows
        if self._masked != self.rows:
            self._mask[:first] = 0
            self._mask[last:] = 0
            self._masked = self.rows
        if first >= last:
            return self._mask
        turned, mask = self._turned[first:last], self._mask[first:last]
        cv2.transform(pixels[first:last], self._turn, dst=turned)
        cv2.inRange(turned, self._low, self._high, dst=mask)
        cv2.bitwise_not(mask, dst=mask)
        return self._mask

    def estimate(self, pixels: NDArray[np.uint8], share: float) -> None:
        """Move towards the colour of this frame's belt by `share` (the first time: take it), if there is light."""
        columns = _every(pixels)
        sample = pixels[columns, columns].reshape(-1, 3).astype(np.float32)
        if is_dark(float(np.quantile(sample.max(axis=1), 0.9)), 0.0 if self.colour is None else self.colour.max()):
            return
        if self.colour is None:
            colour = _commonest(sample)
        else:
            near = sample[self._off(sample) < self._high[1] - _CENTRE]
            if len(near) < len(sample) // 20:  # the light has changed at once, or the belt is covered
                near = _commonest(sample)[np.newaxis]
            colour = self.colour + share * (np.median(near, axis=0) - self.colour)
        self._adopt(colour.astype(np.float32), sample)
        self.rows = self._belt_rows(pixels)

    def _adopt(self, colour: NDArray[np.float32], sample: NDArray[np.float32]) -> None:
        self.colour = colour
        self.brightest = int(colour.argmax())
        length = float(np.linalg.norm(colour)) or 1.0
        along = colour / length
        aside = np.cross(along, np.eye(3)[int(np.argmin(along))])
        aside /= np.linalg.norm(aside)
        gain = _CENTRE / max(length, _DARKEST)
        axes = np.stack([along, aside, np.cross(along, aside)]) * gain
        self._turn = np.hstack([axes, [[0.0], [_CENTRE], [_CENTRE]]]).astype(np.float32)
        off = self._off(sample)
        near = off[off < _WIDEST]
        # 1.48 makes the median of a deviation's size the deviation.
        self._spread = 1.48 * float(np.median(near)) if len(near) else 0.0
        tolerance = min(max(5 * self._spread, _NARROWEST), _WIDEST)
        brightest = length * gain * _BRIGHTEST + tolerance
        self._low = (length * gain * _DARKEST_SHADE, _CENTRE - tolerance, _CENTRE - tolerance)
        self._high = (brightest, _CENTRE + tolerance, _CENTRE + tolerance)

    def _off(self, colours: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far the colours, float32 (..., 3), lie off the belt's ray, in the tolerance's units."""
        aside, across = (np.abs(colours @ axis) for axis in self._turn[1:, :3])
        off: NDArray[np.float32] = np.maximum(aside, across)
        return off

    def _belt_rows(self, pixels: NDArray[np.uint8]) -> tuple[int, int]:
        """The rows of the picture that the belt covers: at either side, rows without any belt are left out. However
        full of fruit, a row of the belt shows some of it between them."""
        off = self._off(pixels[:, _every(pixels)].astype(np.float32))
        visible = round(_VISIBLE * off.shape[1])
        nearest = np.partition(off, visible, axis=1)[:, visible]
        rows = np.flatnonzero(nearest < max(2 * self._spread, _NARROWEST / 2))
        if not len(rows):
            return 0, len(pixels)
        first, last = int(rows[0]), int(rows[-1]) + 1
        rim = 2  # the last rows mix belt and frame
        first, last = (first + rim if first else 0), (last - rim if last < len(pixels) else last)
        return first, max(first, last)


def _every(pixels: NDArray[np.uint8]) -> slice:
    step = max(1, pixels.shape[1] // _SAMPLES)
    return slice(step // 2, None, step)


def _commonest(sample: NDArray[np.float32]) -> NDArray[np.float32]:
    """The median colour around the commonest hue, float32 (3,), whatever its brightness."""
    lifted = sample + 8  # draws the hue of nearly black pixels, which is noise, to grey
    hue = lifted[:, :2] / lifted.sum(axis=1, keepdims=True)
    bins = np.minimum((hue * _BINS).astype(np.intp), _BINS - 1)
    counts = np.bincount(bins[:, 0] * _BINS + bins[:, 1], minlength=_BINS * _BINS).reshape(_BINS, _BINS)
    around = cv2.boxFilter(counts.astype(np.float32), -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    row, column = divmod(int(np.argmax(around)), _BINS)
    near = (np.abs(bins - (row, column)) <= 1).all(axis=1)
    colour: NDArray[np.float32] = np.median(sample[near], axis=0).astype(np.float32)
    return colour
