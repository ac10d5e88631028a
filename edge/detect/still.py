"""Fruit in a still picture on any plain background, whose colour the picture's own border tells.

Against that background a shadow is darker and of the same hue; fruit is of another hue, or lighter, or much darker.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.datapath import Detection
from edge.detect.border import background_of, differences, in_shade, is_fruit_coloured, log_colours
from edge.detect.explain import ROUND, explained, misfit
from edge.detect.tight import tightened

_GRID_PX = 512
"""The longer side of the grid that is looked at; crops are cut from the full picture."""

_HUE = 0.16
_LIGHTER = 0.4
_DARKER = 1.1
"""How far, in natural logarithms, background may differ: between two channels; lighter; darker, as in shadow."""

_SHADE = 0.6
"""Of what a shadow can take away: so much, which is half of the light, is not even a hint of fruit."""

_DEVIATIONS = 4.5
"""A textured background may differ by so many deviations of its own."""

_SMALLEST = 0.0004
"""The smallest fruit of a scene, as a share of the picture."""

_WHOLE = 0.93
"""From this share of the picture on, the picture is the fruit."""

_LARGE = 0.1
_TORN = 0.8
"""An outline whose hull is more than so much of the picture, and which fills less than so much of its hull."""


def one_fruit(pixels: NDArray[np.uint8]) -> Detection:
    """The one fruit of a picture, uint8 RGB (h, w, 3), however small. Where none stands out from the border, the
    whole picture is taken for it."""
    grid = _grid(pixels)
    background, spread = background_of(grid)
    if is_fruit_coloured(background):
        return _whole(pixels)
    outlines = [o for o in _outlines(_surely(_differing(grid, background, spread))) if cv2.contourArea(o) >= 9]
    if not outlines:
        return _whole(pixels)
    outline = max(outlines, key=lambda o: _prominence(o, grid))
    loose = _filled(outline, grid)
    fruit = tightened(_without_stalk(loose), grid, background)
    if cv2.countNonZero(fruit) > _WHOLE * fruit.size or _is_torn(tightened(loose, grid, background)):
        return _whole(pixels)
    return _detection(pixels, fruit, merged=False)


def every_fruit(pixels: NDArray[np.uint8]) -> list[Detection]:
    """Every fruit of a top-down scene, uint8 RGB (h, w, 3); touching fruit are taken apart. Where nothing stands out
    from a border of a fruit's colour, the whole picture is one."""
    grid = _grid(pixels)
    smallest = max(16.0, _SMALLEST * grid.shape[0] * grid.shape[1])
    background, spread = background_of(grid)
    found: list[Detection] = []
    for part in explained(_differing(grid, background, spread), smallest):
        mask = np.zeros(grid.shape[:2], np.uint8)
        rows, columns = part.mask.shape
        mask[part.top : part.top + rows, part.left : part.left + columns] = part.mask
        found.append(_detection(pixels, tightened(mask, grid, background), merged=misfit(part.mask) > ROUND))
    return found or ([_whole(pixels)] if is_fruit_coloured(background) else [])


def _grid(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    scale = _GRID_PX / max(height, width)
    if scale >= 1:
        return pixels
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)


def _differing(
    grid: NDArray[np.uint8], background: NDArray[np.float32], spread: tuple[float, float]
) -> NDArray[np.float32]:
    """float32 (h, w), how far the grid differs from the background: 1 where it surely does."""
    colours = log_colours(grid)
    hue, _ = differences(colours, in_shade(background, colours))
    _, light = differences(colours, background)
    texture = _DEVIATIONS * spread[1]
    darker = -light / max(_DARKER, texture)
    darker = np.where(darker < 1, (darker - _SHADE) / (1 - _SHADE), darker)
    aside = np.maximum(light / max(_LIGHTER, texture), darker)
    return np.asarray(np.maximum(hue / max(_HUE, _DEVIATIONS * spread[0]), aside), np.float32)


def _surely(differing: NDArray[np.float32]) -> NDArray[np.uint8]:
    """uint8 (h, w), 255 where the grid is not background."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    opened = cv2.morphologyEx((differing > 1).astype(np.uint8) * 255, cv2.MORPH_OPEN, kernel)
    return np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel, iterations=2), np.uint8)


def _outlines(mask: NDArray[np.uint8]) -> Sequence[MatLike]:
    return cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]


def _prominence(outline: MatLike, grid: NDArray[np.uint8]) -> float:
    """Large and near the middle."""
    height, width = grid.shape[:2]
    x, y, w, h = cv2.boundingRect(outline)
    aside = max(abs(2 * x + w - width) / width, abs(2 * y + h - height) / height)
    return float(cv2.contourArea(outline) * (1.5 - aside))


def _is_torn(item: NDArray[np.uint8]) -> bool:
    """Whether a large item is too ragged for a fruit: then the fruit itself was taken for background."""
    outline = max(_outlines(item), key=cv2.contourArea)
    hull = cv2.contourArea(cv2.convexHull(outline))
    return bool(hull > _LARGE * item.size and cv2.contourArea(outline) < _TORN * hull)


def _filled(outline: MatLike, grid: NDArray[np.uint8]) -> NDArray[np.uint8]:
    mask = np.zeros(grid.shape[:2], np.uint8)
    cv2.drawContours(mask, [outline], 0, 255, cv2.FILLED)
    return mask


def _without_stalk(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mask without what is much thinner than the fruit."""
    side = round(0.2 * np.sqrt(cv2.countNonZero(mask)))
    if side < 3:
        return mask
    wide = cv2.copyMakeBorder(mask, side, side, side, side, cv2.BORDER_REPLICATE)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    opened = cv2.morphologyEx(wide, cv2.MORPH_OPEN, kernel)[side:-side, side:-side]
    outlines = cv2.findContours(np.ascontiguousarray(opened), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
    return _filled(max(outlines, key=cv2.contourArea), mask[..., np.newaxis]) if outlines else mask


def _whole(pixels: NDArray[np.uint8]) -> Detection:
    return _detection(pixels, np.full(pixels.shape[:2], 255, np.uint8), merged=False)


def _detection(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], *, merged: bool) -> Detection:
    """`mask` covers the whole picture, at any scale."""
    x, y, w, h = cv2.boundingRect(mask)
    edge = x == 0 or y == 0 or x + w == mask.shape[1] or y + h == mask.shape[0]
    down, across = pixels.shape[0] / mask.shape[0], pixels.shape[1] / mask.shape[1]
    left, top, right, bottom = round(x * across), round(y * down), round((x + w) * across), round((y + h) * down)
    box = (left, top, right - left, bottom - top)
    shape = np.ascontiguousarray(mask[y : y + h, x : x + w])
    return Detection(box, None, None, None, None, edge, pixels[top:bottom, left:right], shape, merged)
