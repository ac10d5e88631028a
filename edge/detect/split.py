"""Outlines that hold several fruit, taken apart.

A lone fruit is nearly an ellipse, which its outline's moments tell at once; only another shape is looked into. There
the distance to the outline has a peak in every fruit and sinks at the necks between them.
"""

import math

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

_ROUNDEST = 0.94
"""An ellipse fills the ellipse of its own moments; two touching circles fill 0.89 of theirs, three 0.82."""

_LONGEST = 1.6
"""The longest a fruit gets, in its widths. Two touching circles measure 2.2, a plum tomato 1.5."""

_CONVEX = 0.94
"""Two touching circles fill 0.88 of their hull."""

_LONGEST_ODD = 2.2
"""As long as two touching circles, which have a neck: without one, the longest that is still taken for one fruit."""

_ODDEST = 0.8
"""A shrivelled fruit fills at least so much of its hull."""

_ROUND_SPOT = 0.75
"""The gap between three touching circles fills 0.37 of its hull, between four 0.43."""

_NECK = 0.8
"""How far the way between two peaks must sink on the belt, where time is short and one answer is given."""

_SMALLEST = 0.4
"""A peak lower than this share of the highest is a bump of the outline."""


def is_lone(moments: dict[str, float]) -> bool:
    """Whether an outline with these moments (`cv2.moments`) can be a single whole fruit."""
    largest, least = _spreads(moments)
    if least <= 0:
        return True
    if moments["m00"] < _ROUNDEST * 4 * math.pi * math.sqrt(largest * least):
        return False
    return largest < _LONGEST**2 * least


def is_odd_fruit(outline: MatLike, moments: dict[str, float]) -> bool:
    """Whether an outline without necks, though no ellipse, is one fruit all the same: long, or shrivelled."""
    largest, least = _spreads(moments)
    return largest < _LONGEST_ODD**2 * least and moments["m00"] > _ODDEST * cv2.contourArea(cv2.convexHull(outline))


def _spreads(moments: dict[str, float]) -> tuple[float, float]:
    """The variances along an outline's long and short axes."""
    area = moments["m00"]
    across, along, skew = moments["mu20"] / area, moments["mu02"] / area, moments["mu11"] / area
    middle, half = (across + along) / 2, math.hypot((across - along) / 2, skew)
    return middle + half, middle - half


def is_convex(outline: MatLike, moments: dict[str, float]) -> bool:
    """Whether an outline that the picture's edge cuts, which is no ellipse, can be a single fruit all the same."""
    return moments["m00"] > _CONVEX * cv2.contourArea(cv2.convexHull(outline))


def split(filled: NDArray[np.uint8], raw: NDArray[np.uint8], neck: float = _NECK) -> list[NDArray[np.uint8]]:
    """The fruit in one outline's `filled` mask, uint8 (h, w): each a mask of the same shape; one alone is the mask.
    `raw` is the mask as it was found: its holes are highlights and rot, or the gaps in a ring of fruit. `neck`: peaks
    are two fruit where the way from one to the other sinks below this share of the lower one."""
    mask = _with_gaps(filled, raw)
    depth = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 5)
    peaks = _peaks(depth[1:-1, 1:-1], neck)
    if len(peaks) < 2:
        return [mask]
    rows, columns = (np.arange(n, dtype=np.float32) for n in mask.shape)
    # The line of equal power between two circles goes through the point where they touch.
    powers = [np.add.outer((rows - y) ** 2, (columns - x) ** 2 - radius**2) for x, y, radius in peaks]
    nearest = np.argmin(powers, axis=0)
    return [mask * (nearest == n) for n in range(len(peaks))]


def _with_gaps(filled: NDArray[np.uint8], raw: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The mask without the gaps between fruit, whose sides bend inwards; spots on a fruit are round."""
    gaps = []
    for hole in cv2.findContours(
        np.asarray(cv2.subtract(filled, raw), np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE
    )[0]:
        area = cv2.contourArea(hole)
        if area >= 8 and area < _ROUND_SPOT * cv2.contourArea(cv2.convexHull(hole)):
            gaps.append(hole)
    if not gaps:
        return filled
    mask = filled.copy()
    cv2.drawContours(mask, gaps, -1, 0, cv2.FILLED)
    return mask


def _peaks(depth: MatLike, neck: float) -> list[tuple[float, float, float]]:
    """(x, y, height) of the fruit's middles, the highest first."""
    highest = float(depth.max())
    reach = 2 * max(1, round(highest * _SMALLEST / 2)) + 1
    ridge = cv2.dilate(depth, np.ones((reach, reach), np.uint8))
    rows, columns = np.nonzero((depth == ridge) & (depth > _SMALLEST * highest))
    heights = depth[rows, columns]
    peaks: list[tuple[float, float, float]] = []
    for n in np.argsort(-heights, kind="stable"):
        peak = (float(columns[n]), float(rows[n]), float(heights[n]))
        if all(_apart(depth, peak, other, neck) for other in peaks):
            peaks.append(peak)
    return peaks


def _apart(depth: MatLike, low: tuple[float, float, float], high: tuple[float, float, float], neck: float) -> bool:
    """Whether there is a neck on the straight way between two peaks."""
    along, down = high[0] - low[0], high[1] - low[1]
    steps = round(math.hypot(along, down))
    if steps < low[2]:  # within its own circle no way leads through a neck
        return False
    way = np.arange(steps) / steps
    columns = (way * along + (low[0] + 0.5)).astype(np.intp)
    rows = (way * down + (low[1] + 0.5)).astype(np.intp)
    return bool(depth[rows, columns].min() < neck * low[2])
