"""Single fruit cut out of pictures of heaps, as in a shop: round outlines that hold one smooth thing each.

Circles are proposed by the Hough transform; each is bent to the edges about it, a closed path of least cost over its
rays; what is torn, runs out of the picture, or holds the dark joints between several fruit is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]
Circle: TypeAlias = tuple[float, float, float]
"""x, y and radius in pixels."""

MOST = 4
"""Of one picture."""

_RAYS = 64
_ANGLES = np.arange(_RAYS) * 2 * np.pi / _RAYS
_REACH = np.linspace(0.65, 1.4, 46)
"""Where along a ray the outline may lie, in the circle's radii."""

_SMALLEST_PX = 150
_RADII_PX = (17, 95)
_INSIDE = 0.97
"""Of the outline: its rim is mixed with what lies behind."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fruit may look like. `edges`: share of the inside that is edge; `joints`: that is a dark valley;
    `spread`: deviation of its colour in Lab; `dark`: lightness that four fifths of it must have."""

    edges: float
    joints: float
    spread: float
    dark: float


SMOOTH = Limits(edges=0.16, joints=0.10, spread=22, dark=28)
GLOSSY = Limits(edges=0.27, joints=0.16, spread=30, dark=12)
"""For fruit with highlights, calyx or bloom."""


@dataclass(frozen=True, slots=True)
class _Found:
    outline: Floats
    """(_RAYS, 2), x and y in pixels."""
    middle: tuple[float, float]
    radius: float
    worth: float


def cut_out_of_heap(pixels: Pixels, limits: Limits) -> Iterator[tuple[Pixels, Pixels]]:
    """Crop uint8 RGB (h, w, 3) and mask uint8 (h, w) of up to MOST fruit of a picture, uint8 RGB (h, w, 3)."""
    lab = np.asarray(cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB), (0, 0), 1.2), np.float32)
    height, width = lab.shape[:2]
    circles = [
        (x, y, r)
        for x, y, r in _circles(pixels)
        if min(x, y, width - x, height - y) >= 1.05 * r and not _is_busy(pixels, (x, y, r), limits)
    ]
    whole = [found for one in _bent(lab, circles) if (found := _whole(lab, *one, limits)) is not None]
    kept: list[_Found] = []
    for one in sorted(whole, key=lambda found: -found.worth):
        if len(kept) < MOST and all(_apart(one, other) for other in kept):
            kept.append(one)
    for one in kept:
        mask = _mask(pixels.shape[:2], one.outline)
        x, y, w, h = cv2.boundingRect(mask)
        yield np.ascontiguousarray(pixels[y : y + h, x : x + w]), mask[y : y + h, x : x + w]


def _circles(pixels: Pixels) -> list[Circle]:
    """Proposed circles, without near duplicates."""
    grey = cv2.GaussianBlur(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY), (0, 0), 1.5)
    value = cv2.GaussianBlur(np.ascontiguousarray(pixels.max(axis=-1)), (0, 0), 1.5)
    least, most = _RADII_PX
    proposed = [
        cv2.HoughCircles(
            source, cv2.HOUGH_GRADIENT_ALT, 1.5, 14, param1=120, param2=0.45, minRadius=least, maxRadius=most
        )
        for source in (grey, value)
    ]
    kept: list[Circle] = []
    for x, y, r, *_ in (circle for some in proposed if some is not None for circle in some[0][:40].tolist()):
        if all(abs(x - a) >= 5 or abs(y - b) >= 5 or abs(r - c) >= 0.15 * r for a, b, c in kept):
            kept.append((x, y, r))
    return kept


def _whole(lab: Floats, circle: Circle, radii: Floats, strength: Floats, limits: Limits) -> _Found | None:
    """The outline, if what it holds may be one fruit."""
    x, y, r = circle
    height, width = lab.shape[:2]
    outline = np.stack([x + np.cos(_ANGLES) * radii, y + np.sin(_ANGLES) * radii], axis=1).astype(np.float32)
    if outline.min() < 1 or (outline >= (width - 2, height - 2)).any():
        return None
    mask = _mask((height, width), outline)
    core = cv2.erode(mask, np.ones((3, 3), np.uint8), iterations=max(1, int(r * 0.12))) > 0
    if core.sum() < _SMALLEST_PX:
        return None
    solid = float(np.count_nonzero(mask) / max(cv2.contourArea(cv2.convexHull(outline)), 1.0))
    spread = float(np.sqrt(lab[..., 1:][core].var(axis=0).sum()))
    edged = float((strength > 7).mean())
    dark = float(np.quantile(lab[..., 0][core], 0.2))
    if edged < 0.8 or solid < 0.9 or spread > limits.spread or dark < limits.dark:
        return None
    return _Found(outline, (x, y), r, edged + 0.004 * r - 0.01 * spread)


def _is_busy(pixels: Pixels, circle: Circle, limits: Limits) -> bool:
    """Whether there is more than one thing inside, or another thing than a skin."""
    x, y, r = circle
    left, top, side = max(0, int(x - 0.75 * r)), max(0, int(y - 0.75 * r)), int(1.5 * r)
    inner = cv2.resize(pixels[top : top + side, left : left + side], (36, 36), interpolation=cv2.INTER_AREA)
    lab = cv2.GaussianBlur(cv2.cvtColor(inner, cv2.COLOR_RGB2LAB).astype(np.float32), (0, 0), 1.0)
    right, down = lab[1:-1, 2:] - lab[1:-1, :-2], lab[2:, 1:-1] - lab[:-2, 1:-1]
    slope = np.sqrt((right**2 + down**2).sum(axis=-1))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (9, 9))
    valley = cv2.morphologyEx(lab[..., 0], cv2.MORPH_BLACKHAT, kernel)[1:-1, 1:-1]
    rows, columns = np.mgrid[-1:1:34j, -1:1:34j]
    disc = np.hypot(rows, columns) < 1
    return bool((slope[disc] > 22).mean() > limits.edges or (valley[disc] > 18).mean() > limits.joints)


def _bent(lab: Floats, circles: Sequence[Circle]) -> Iterator[tuple[Circle, Floats, Floats]]:
    """Each circle with the radius (px) on each ray, and how strong the edge is there: dynamic programming three times
    round, of which the middle is kept, so that the path meets itself."""
    if not circles:
        return
    at = np.array(circles)[:, :, None, None]
    reach = at[:, 2] * _REACH
    columns, rows = (at[:, 0] + np.cos(_ANGLES)[:, None] * reach), (at[:, 1] + np.sin(_ANGLES)[:, None] * reach)
    flat = len(circles) * _RAYS
    rays = cv2.remap(
        lab,
        columns.reshape(flat, -1).astype(np.float32),
        rows.reshape(flat, -1).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    step = (rays[:, 2:] - rays[:, :-2]).reshape(len(circles), _RAYS, -1, 3)
    # A fruit is lighter than the gap behind it; a change of colour counts either way.
    edge = (
        np.maximum(0, -step[..., 0]) + 0.8 * np.hypot(step[..., 1], step[..., 2]) + 0.15 * np.maximum(0, step[..., 0])
    )
    edge = np.minimum(np.pad(edge, ((0, 0), (0, 0), (1, 1))), 40)
    paths = _cheapest(np.tile(6 * np.abs(_REACH - 1) / 0.35 - edge, (1, 3, 1)))[:, _RAYS : 2 * _RAYS]
    for circle, path, strength in zip(circles, paths, edge, strict=True):
        radii = (_REACH[path] * circle[2]).astype(np.float32)
        yield circle, radii, strength[np.arange(_RAYS), path].astype(np.float32)


def _cheapest(cost: NDArray[np.float64]) -> NDArray[np.intp]:
    """For each of n grids (n, rows, columns) the column in each row (n, rows) of the cheapest path from the first row
    to the last; a step aside costs 3, at most two."""
    _, count, width = cost.shape
    back = np.zeros(cost.shape, np.intp)
    total = cost[:, 0].copy()
    for row in range(1, count):
        wide = np.pad(total, ((0, 0), (2, 2)), constant_values=np.inf)
        steps = np.stack([wide[:, 2 + by : 2 + by + width] + 3.0 * abs(by) for by in range(-2, 3)])
        back[:, row] = np.arange(width) + steps.argmin(axis=0) - 2
        total = steps.min(axis=0) + cost[:, row]
    path = np.zeros(cost.shape[:2], np.intp)
    path[:, -1] = total.argmin(axis=1)
    for row in range(count - 1, 0, -1):
        path[:, row - 1] = back[np.arange(len(cost)), row, path[:, row]]
    return path


def _mask(shape: tuple[int, ...], outline: Floats) -> Pixels:
    middle = outline.mean(axis=0)
    points = np.rint((middle + (outline - middle) * _INSIDE) * 16).astype(np.int32)
    mask = np.zeros(shape[:2], np.uint8)
    cv2.fillPoly(mask, [points], 255, shift=4)
    return mask


def _apart(one: _Found, other: _Found) -> bool:
    larger, smaller = max(one.radius, other.radius), min(one.radius, other.radius)
    return float(np.hypot(one.middle[0] - other.middle[0], one.middle[1] - other.middle[1])) > (
        0.9 * larger + 0.3 * smaller
    )
