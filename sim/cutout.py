"""Cuts a photographed fruit out of its white background, with a soft outline and no white fringe."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

_WHITE = 236  # every channel at least this bright, and joined to the border: background
_EDGE = 0.012  # of the picture's longer side: what is taken off the outline, where white has bled in


def cut_out(photograph: Pixels) -> Pixels | None:
    """RGBA (h, w, 4), tight around the fruit, of a uint8 RGB photograph on white; None where no fruit stands out.

    Colours go on beyond the outline, so that scaling mixes in none of the white.
    """
    # Where the frame cuts the fruit, its rim is taken off as well.
    photograph = np.pad(photograph, ((4, 4), (4, 4), (0, 0)), constant_values=255)
    mask = _fruit(photograph)
    if mask is None:
        return None
    reach = max(1, round(_EDGE * max(mask.shape)))
    solid = cv2.erode(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2))
    alpha = cv2.GaussianBlur(solid, (0, 0), 0.5 + reach / 3)
    rgb = _spread(photograph, np.asarray(cv2.erode(solid, np.ones((3, 3), np.uint8)), np.uint8), reach + 2)
    rows, columns = np.flatnonzero((alpha > 64).any(axis=1)), np.flatnonzero((alpha > 64).any(axis=0))
    if rows.size < 8 or columns.size < 8:
        return None
    box = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return np.ascontiguousarray(cv2.merge([*cv2.split(rgb), alpha])[box])


def fit(cutouts: list[Pixels], size_px: int, *, rolls: bool) -> list[Pixels]:
    """Cut-outs (any sizes) as views (S, S, 4) of one fruit.

    Every photograph was scaled to fill its own frame. A fruit that rolls about the picture's vertical keeps its height,
    so that gives the true scale of each view back (a median over neighbours, against a stalk that comes and goes); the
    broadest view then fills the square. Without `rolls` each view fills it by itself.
    """
    heights = np.array([cutout.shape[0] for cutout in cutouts], float)
    if rolls:
        near = np.stack([np.roll(heights, n) for n in range(-2, 3)])
        heights = np.median(near, axis=0)
        longest = max(max(c.shape[:2]) / h for c, h in zip(cutouts, heights, strict=True))
        scales = (size_px - 2) / longest / heights
    else:
        scales = np.array([(size_px - 2) / max(cutout.shape[:2]) for cutout in cutouts])
    return [_centred(cutout, float(scale), size_px) for cutout, scale in zip(cutouts, scales, strict=True)]


def _fruit(photograph: Pixels) -> Pixels | None:
    """The largest thing that is not background, without holes, 0 or 255."""
    white = cv2.inRange(photograph, np.full(3, _WHITE), np.full(3, 255))
    framed = cv2.copyMakeBorder(white, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=255)
    cv2.floodFill(framed, None, (0, 0), 128)
    thing = np.where(framed[1:-1, 1:-1] == 128, 0, 255).astype(np.uint8)
    whole = cv2.morphologyEx(thing, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (5, 5)))
    outlines, _ = cv2.findContours(whole, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    mask = np.zeros_like(thing)
    cv2.drawContours(mask, [max(outlines, key=cv2.contourArea)], -1, 255, cv2.FILLED)
    return mask


def _spread(rgb: Pixels, solid: Pixels, reach: int) -> Pixels:
    """The colours of the solid part carried on beyond it."""
    side = (2 * reach + 3,) * 2
    filled = cv2.blur(cv2.bitwise_and(rgb, rgb, mask=solid).astype(np.float32), side)
    known = np.maximum(cv2.blur(solid.astype(np.float32), side), 0.1) / 255
    spread = np.asarray(cv2.divide(filled, cv2.merge([known, known, known]), dtype=cv2.CV_8U), np.uint8)
    cv2.copyTo(rgb, solid, spread)
    return spread


def _centred(cutout: Pixels, scale: float, size_px: int) -> Pixels:
    clear: NDArray[Any] = cutout.astype(np.float32)
    clear[..., :3] *= clear[..., 3:] / 255
    while scale < 0.6:
        clear, scale = cv2.resize(clear, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), scale * 2
    height, width = clear.shape[:2]
    half = (size_px - 1) / 2
    move = np.array([[scale, 0, half - scale * (width - 1) / 2], [0, scale, half - scale * (height - 1) / 2]])
    laid: NDArray[Any] = cv2.warpAffine(clear, move, (size_px, size_px), flags=cv2.INTER_LINEAR)
    laid[..., :3] *= 255 / np.maximum(laid[..., 3:], 0.25)
    return np.asarray(cv2.convertScaleAbs(laid), np.uint8)
