"""Lays a fruit's view into a picture: any size, turned, to a fraction of a pixel, with its shadow and motion blur."""

from __future__ import annotations

import math
import threading
from collections import OrderedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.fruit import Skin

Pixels = NDArray[np.uint8]

_ROOM = 1 / 6  # of a view's side, left all round it for the shadow
_SHADE = 0.5  # the light that is missing right under the fruit's edge


class Sprites:
    """Views as a painter lays them, each prepared once. Any thread. `kept` bounds how many are kept."""

    def __init__(self, kept: int = 3072) -> None:
        self._kept = kept
        self._lock = threading.Lock()
        self._sprites: OrderedDict[tuple[int, int, int], tuple[Skin, Pixels]] = OrderedDict()

    def of(self, skin: Skin, view: int, length_px: float) -> Pixels:
        """Prepared for this length: halved until it suits."""
        picture = skin.view(view)
        halvings = max(0, round(math.log2(picture.shape[0] / length_px)))
        key = (id(skin), view, halvings)
        with self._lock:
            if kept := self._sprites.get(key):
                self._sprites.move_to_end(key)
                return kept[1]
        sprite = _prepare(picture)
        for _ in range(halvings):
            sprite = np.asarray(cv2.resize(sprite, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), np.uint8)
        with self._lock:
            # The skin is kept beside it, so that its id stays its own.
            self._sprites[key] = (skin, sprite)
            if len(self._sprites) > self._kept:
                self._sprites.popitem(last=False)
        return sprite


_SPRITES = Sprites()
"""Of all painters: one run's views serve the next."""


class Painter:
    """Paints fruit into uint8 RGB pictures. `blur_px` is how far a fruit moves, along the rows, in one exposure."""

    def __init__(self, blur_px: float = 0.0, sprites: Sprites = _SPRITES) -> None:
        self._kernel = _motion_kernel(blur_px)
        self._sprites = sprites

    def paint(
        self,
        picture: Pixels,
        skin: Skin,
        view: int,
        *,
        middle_px: tuple[float, float],
        size_px: tuple[float, float],
        turn_rad: float = 0.0,
        gain: float = 1.0,
    ) -> None:
        """`middle_px` counts from the picture's corner (a pixel's middle is at .5); `size_px` is the view's columns and
        rows; `gain` is the light that falls there. What lies beyond the picture is cut off."""
        side = int((1 + 2 * _ROOM) * max(size_px)) + 2
        left, top = round(middle_px[0] - side / 2), round(middle_px[1] - side / 2)
        inside = _overlap(left, top, side, picture)
        if inside is None:
            return
        sprite = self._sprites.of(skin, view % skin.views, max(size_px))
        size = skin.view(view).shape[0]
        zoom = (1 + 2 * _room(size) / size) / sprite.shape[0]
        linear = (size_px[0] * zoom, size_px[1] * zoom, turn_rad)
        warp = _affine(sprite.shape[0], (middle_px[0] - left, middle_px[1] - top), *linear)
        laid = cv2.warpAffine(sprite, warp, (side, side), flags=cv2.INTER_LINEAR, borderValue=(0, 0, 0, 255))
        if self._kernel is not None:
            laid = cv2.filter2D(laid, -1, self._kernel, borderType=cv2.BORDER_REPLICATE)
        in_picture, in_square = inside
        laid, region = laid[in_square], picture[in_picture]
        through = cv2.cvtColor(cv2.extractChannel(laid, 3), cv2.COLOR_GRAY2RGB)
        cv2.multiply(region, through, dst=region, scale=1 / 255)
        cv2.scaleAdd(cv2.cvtColor(laid, cv2.COLOR_RGBA2RGB), gain, region, dst=region)


def _prepare(view: Pixels) -> Pixels:
    """Premultiplied RGB and, as fourth channel, how much of what lies below is still seen: nothing through the fruit,
    less in its shadow."""
    size = view.shape[0]
    room = _room(size)
    down, right = round(0.035 * size), round(0.025 * size)
    alpha = cv2.extractChannel(view, 3)
    colour = cv2.multiply(
        cv2.cvtColor(view, cv2.COLOR_RGBA2RGB), cv2.cvtColor(alpha, cv2.COLOR_GRAY2RGB), scale=1 / 255
    )
    colour = cv2.copyMakeBorder(colour, room, room, room, room, cv2.BORDER_CONSTANT, value=(0, 0, 0))
    shade = cv2.copyMakeBorder(
        alpha, room + down, room - down, room + right, room - right, cv2.BORDER_CONSTANT, value=0
    )
    # In float32: OpenCV's blur of bytes, exact to the bit on every machine, takes five times as long.
    shade = cv2.GaussianBlur(shade.astype(np.float32), (0, 0), 0.045 * size)
    lit = cv2.convertScaleAbs(shade, alpha=-_SHADE, beta=255)
    through = cv2.bitwise_not(cv2.copyMakeBorder(alpha, room, room, room, room, cv2.BORDER_CONSTANT, value=0))
    sprite = cv2.cvtColor(colour, cv2.COLOR_RGB2RGBA)
    return np.asarray(cv2.insertChannel(cv2.multiply(through, lit, scale=1 / 255), sprite, 3), np.uint8)


def _room(size: int) -> int:
    """Clear cells on either side of a view of this size."""
    return round(_ROOM * size)


def _motion_kernel(blur_px: float) -> NDArray[np.float32] | None:
    """Weights along a row of a box `blur_px` wide over linearly interpolated pixels; None where nobody could tell: a
    box of half a pixel has a deviation of 0.14 px, beside the 0.4 px of laying a view between pixels."""
    if blur_px < 0.5:
        return None
    reach = int(np.ceil(blur_px / 2 + 0.5))
    at = np.linspace(-blur_px / 2, blur_px / 2, 101)
    taps = np.arange(-reach, reach + 1)
    weights = np.clip(1 - np.abs(at[None] - taps[:, None]), 0, None).mean(axis=1)
    return np.asarray(weights / weights.sum(), np.float32)[None]


def _affine(
    cells: int, middle: tuple[float, float], along: float, across: float, turn_rad: float
) -> NDArray[np.float64]:
    """From a sprite's cells to the square's, `along` and `across` pixels a cell."""
    cos, sin = math.cos(turn_rad), math.sin(turn_rad)
    a, b, c, d = cos * along, -sin * across, sin * along, cos * across
    # Indices of pixels name their middles, half a pixel from the corner that lengths are counted from.
    half = (cells - 1) / 2
    return np.array([[a, b, middle[0] - 0.5 - (a + b) * half], [c, d, middle[1] - 0.5 - (c + d) * half]])


def _overlap(left: int, top: int, side: int, picture: Pixels) -> tuple[tuple[slice, slice], tuple[slice, slice]] | None:
    """The part of a square that lies in the picture, as slices of the picture and of the square."""
    height, width = picture.shape[:2]
    x0, y0, x1, y1 = max(left, 0), max(top, 0), min(left + side, width), min(top + side, height)
    if x0 >= x1 or y0 >= y1:
        return None
    return (slice(y0, y1), slice(x0, x1)), (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
