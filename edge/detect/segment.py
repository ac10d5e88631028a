"""From a frame of the belt to detections: background, outlines, fruit.

The frame is halved once, where the camera has not done so; all but the crops is done on that quarter of the pixels.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.datapath import Detection, Frame, Scene
from edge.detect.background import BeltColour
from edge.detect.scene import Scenery
from edge.detect.split import is_convex, is_lone, is_odd_fruit, split

_ESTIMATE_EVERY = 30
"""Frames between two estimates of the belt's colour: about a second."""

_SHARE = 0.2
"""How far an estimate moves the colour: half way in three seconds, so that one odd frame cannot mislead it."""

_SMALLEST_MM = 12.0
_SMALLEST_PX = 10
"""A speck is shorter or narrower than this; in pixels of the frame where there is no scale."""

_OPEN = np.ones((3, 3), np.uint8)


Box = tuple[int, int, int, int]
Moments = dict[str, float]


class Segmenter:
    """Answers `ports.Detector` for a camera over a moving belt of one colour. `mm_per_px` of the frame; None: no
    lengths. `shear_mm`: how far the belt runs from the first row's exposure to the last's. One thread."""

    __slots__ = (
        "_belt",
        "_half",
        "_made",
        "_mask",
        "_mm_per_px",
        "_scenery",
        "_shear_mm",
        "_smallest",
        "_until_estimate",
    )

    def __init__(self, mm_per_px: float | None, shear_mm: float = 0.0) -> None:
        self._mm_per_px = mm_per_px
        self._shear_mm = shear_mm
        smallest_px = _SMALLEST_PX if mm_per_px is None else max(4.0, _SMALLEST_MM / mm_per_px)
        self._smallest = smallest_px / 2
        self._belt = BeltColour()
        self._until_estimate = 0
        self._half = self._made = np.empty((0, 0, 3), np.uint8)
        self._mask = np.empty((0, 0), np.uint8)
        self._scenery = Scenery()

    def detect(self, frame: Frame) -> Sequence[Detection]:
        """Every fruit in the frame. Touching fruit are taken apart; what could not be is marked `merged`."""
        pixels = frame.pixels
        estimates = self._until_estimate == 0 or self._belt.colour is None
        self._until_estimate = (self._until_estimate or _ESTIMATE_EVERY) - 1
        self._half = self._halved(frame, estimates)
        if estimates:
            self._belt.estimate(self._half, _SHARE)
        self._mask = mask = self._belt.mask(self._half)
        outlines = self._outlines(mask)
        found: list[Detection] = []
        for outline in outlines:
            found += self._fruit(outline, mask, pixels)
        return found

    def scene(self, travel_um: int) -> Scene | None:
        """See `ports.Detector`."""
        return self._scenery.measure(self._half, self._mask, self._belt, travel_um)

    def _halved(self, frame: Frame, whole: bool) -> NDArray[np.uint8]:
        """The camera's own half of the frame, or one made of it: what lies beside the belt only where the `whole` is
        wanted, to find the belt."""
        pixels = frame.pixels
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        if frame.half is not None and frame.half.shape == (height, width, 3):
            return frame.half
        if self._made.shape != (height, width, 3):
            self._made = np.empty((height, width, 3), np.uint8)
        first, last = (0, height) if whole else self._belt.rows
        if first < last:
            half = self._made[first:last]
            cv2.resize(pixels[2 * first : 2 * last, : 2 * width], half.shape[1::-1], half, interpolation=cv2.INTER_AREA)
        return self._made

    def _outlines(self, mask: NDArray[np.uint8]) -> Sequence[MatLike]:
        """Of what is left of the mask without its specks, which are taken out of it."""
        first, last = self._belt.rows
        above = max(0, first - 1)  # an empty row is the opening's rim, as the whole picture would have it
        belt = mask[above : last + 1]
        cv2.morphologyEx(belt, cv2.MORPH_OPEN, _OPEN, dst=belt)
        return cv2.findContours(belt, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(0, above))[0]

    def _fruit(self, outline: MatLike, mask: NDArray[np.uint8], pixels: NDArray[np.uint8]) -> Iterable[Detection]:
        """The fruit in one outline of the halved frame's mask."""
        x, y, w, h = cv2.boundingRect(outline)
        if w < self._smallest or h < self._smallest:
            return ()
        moments = cv2.moments(outline)
        if moments["m00"] < self._smallest * self._smallest / 2:
            return ()
        filled = np.zeros((h, w), np.uint8)
        cv2.drawContours(filled, [outline], 0, 255, cv2.FILLED, offset=(-x, -y))
        edge = x == 0 or y == 0 or x + w == mask.shape[1] or y + h == mask.shape[0]
        if is_lone(moments) or (edge and is_convex(outline, moments)):
            return (self._detection(pixels, (x, y, w, h), filled, moments, edge, False),)
        parts = split(filled, mask[y : y + h, x : x + w])
        merged = len(parts) == 1 and not edge and not is_odd_fruit(outline, moments)
        found = (self._part(part, (x, y), mask.shape, pixels, merged=merged) for part in parts)
        return chain.from_iterable(found)

    def _part(
        self,
        part: NDArray[np.uint8],
        corner: tuple[int, int],
        grid: tuple[int, ...],
        pixels: NDArray[np.uint8],
        *,
        merged: bool,
    ) -> Iterator[Detection]:
        """One fruit of several: `part` is its mask from the `corner` on in the halved `grid`."""
        left, top, w, h = cv2.boundingRect(part)
        if w < self._smallest or h < self._smallest:
            return
        mask = np.ascontiguousarray(part[top : top + h, left : left + w])
        x, y = corner[0] + left, corner[1] + top
        outlines, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE, offset=(x, y))
        moments = cv2.moments(max(outlines, key=cv2.contourArea))
        edge = x == 0 or y == 0 or x + w == grid[1] or y + h == grid[0]
        if moments["m00"] > 0:
            yield self._detection(pixels, (x, y, w, h), mask, moments, edge, merged)

    def _detection(
        self,
        pixels: NDArray[np.uint8],
        box: Box,
        mask: NDArray[np.uint8],
        moments: Moments,
        edge: bool,
        merged: bool,
    ) -> Detection:
        """`box` and `moments` in the halved grid, where a pixel's index is the middle of four pixels of the frame."""
        x, y, w, h = box
        x, y, w, h = 2 * x, 2 * y, 2 * w, 2 * h
        crop = pixels[y : y + h, x : x + w]
        mm = self._mm_per_px
        if mm is None:
            return Detection((x, y, w, h), None, None, None, None, edge, crop, mask, merged)
        area = moments["m00"]
        x_mm, y_mm = (2 * moments["m10"] / area + 1) * mm, (2 * moments["m01"] / area + 1) * mm
        x_mm -= self._shear_mm * (y_mm / (pixels.shape[0] * mm) - 0.5)
        return Detection((x, y, w, h), x_mm, y_mm, w * mm, h * mm, edge, crop, mask, merged)
