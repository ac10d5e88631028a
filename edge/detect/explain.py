"""Which fruit explain how a still differs from its background, here more and there less.

Whatever limit is set, some fruit fall to pieces at it and others run into their shadows or each other. So many limits
are tried, from the highest down. The outlines at one contain those at the last: a tree, in which each outline, taken
apart at more or fewer necks, stands against what it contains. What is most like ellipses over the largest area wins.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.detect.split import is_lone, split

Mask = NDArray[np.uint8]
Difference = NDArray[np.float32]

_LEVELS = ((2.8, 1), (2.0, 1), (1.4, 1), (1.0, 1), (0.8, 2), (0.6, 3), (0.45, 4))
"""Limits, as multiples of what is surely not background, and by how much gaps are closed at each."""

_NECKS = (0.7, 0.8, 0.88)
"""How far the way between two peaks must sink for two fruit: each is tried, the most reluctant first."""

_MISFIT = 0.2
"""What differs by so much from an ellipse, as a share of both together, is no fruit. Fruit have 0.03, with a calyx
0.06, with their shadow 0.15."""

_ODD = 0.3
"""Worth of an area that is surely no background and no ellipse: a leaf, a hand, a banana."""

_PER_PART = 0.012
"""What each further part must bring, as a share of the outline."""

_SURE = 0.4
"""A fruit is surely not background over so much of its area."""

_SMALL, _SPECK, ROUND, _CLEAR = 0.1, 0.02, 0.12, 1.5
"""From the first share of the largest part on, a part needs no proof. Down to the second it must be round, which is a
misfit, and clear, which is a difference; what is smaller still is a speck."""


@dataclass(frozen=True, slots=True)
class Part:
    """One thing: `mask` is uint8 (h, w), tight around it, its first pixel at (`left`, `top`) of the picture."""

    left: int
    top: int
    mask: Mask

    @property
    def area(self) -> int:
        return cv2.countNonZero(self.mask)


@dataclass(slots=True)
class _Node:
    """An outline at one limit: its box (x, y, w, h), the parts that explain it best, and what they are worth."""

    box: tuple[int, int, int, int]
    parts: list[Part]
    worth: float
    inside: list[_Node] = field(default_factory=list)

    def settled(self) -> _Node:
        """With what it contains in its place, where that is worth more."""
        worth = sum(child.worth for child in self.inside)
        if self.inside and worth >= self.worth:
            return _Node(self.box, [part for child in self.inside for part in child.parts], worth)
        return _Node(self.box, self.parts, self.worth)


def explained(differing: Difference, smallest: float) -> list[Part]:
    """Fruit, and whatever else lies there. `differing` is float32 (h, w): how far a pixel differs from the background,
    1 where it surely does. `smallest`: the least area of a fruit, in pixels."""
    nodes: list[_Node] = []
    for limit, gap in _LEVELS:
        nodes = _level(differing, limit, gap, smallest, nodes)
    return _plausible([part for node in nodes for part in node.parts], differing)


def misfit(mask: Mask) -> float:
    """The area by which a mask and the ellipse of its moments differ, as a share of both together."""
    moments = cv2.moments(mask, binaryImage=True)
    area = moments["m00"]
    x, y = moments["m10"] / area, moments["m01"] / area
    across, along, skew = moments["mu20"] / area, moments["mu02"] / area, moments["mu11"] / area
    middle, half = (across + along) / 2, math.hypot((across - along) / 2, skew)
    turn = math.degrees(0.5 * math.atan2(2 * skew, across - along))
    pixel = 1 / 12  # a single pixel's own variance
    axes = (4 * math.sqrt(middle + half + pixel), 4 * math.sqrt(max(middle - half, 0) + pixel))
    ellipse = np.zeros_like(mask)
    cv2.ellipse(ellipse, ((x, y), axes, turn), 255, cv2.FILLED)
    both = cv2.countNonZero(cv2.bitwise_and(mask, ellipse))
    return 1 - both / (area + cv2.countNonZero(ellipse) - both)


def _level(differing: Difference, limit: float, gap: int, smallest: float, before: list[_Node]) -> list[_Node]:
    """The nodes at one limit, those `before` at the last one taken in."""
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (3, 3))
    over = (differing > limit).astype(np.uint8) * 255
    opened = cv2.morphologyEx(over, cv2.MORPH_OPEN, kernel)
    mask = np.asarray(cv2.morphologyEx(opened, cv2.MORPH_CLOSE, kernel, iterations=2 * gap), np.uint8)
    numbers = np.zeros(differing.shape, np.int32)
    nodes: list[_Node] = []
    for outline in cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]:
        if cv2.contourArea(outline) >= smallest:
            nodes.append(_node(outline, mask, differing, limit, smallest))
            cv2.drawContours(numbers, [outline], 0, len(nodes), cv2.FILLED)
    for child in before:
        x, y, w, h = child.box
        around = np.bincount(numbers[y : y + h, x : x + w].ravel(), minlength=1)
        around[0] = 0
        (nodes[int(around.argmax()) - 1].inside if around.any() else nodes).append(child)
    return [node.settled() for node in nodes]


def _node(outline: MatLike, mask: Mask, differing: Difference, limit: float, smallest: float) -> _Node:
    """The outline, taken apart in the best of the ways."""
    x, y, w, h = cv2.boundingRect(outline)
    filled = np.zeros((h, w), np.uint8)
    cv2.drawContours(filled, [outline], 0, 255, cv2.FILLED, offset=(-x, -y))
    ways = [[filled]]
    if not is_lone(cv2.moments(outline)):
        ways += [split(filled, mask[y : y + h, x : x + w], neck) for neck in _NECKS]
    sure = (differing[y : y + h, x : x + w] > 1).astype(np.uint8)
    node = _Node((x, y, w, h), [], 0.0)
    for way in (way for n, way in enumerate(ways) if n == 0 or len(way) != len(ways[n - 1])):
        parts = [_tight(part, x, y) for part in way if _is_there(part, sure, smallest)]
        worth = sum(_worth(part, limit) for part in parts) - _PER_PART * len(parts) * cv2.countNonZero(filled)
        if worth > node.worth:
            node.parts, node.worth = parts, worth
    return node


def _tight(mask: Mask, x: int, y: int) -> Part:
    left, top, w, h = cv2.boundingRect(mask)
    return Part(x + left, y + top, np.ascontiguousarray(mask[top : top + h, left : left + w]))


def _is_there(mask: Mask, sure: Mask, smallest: float) -> bool:
    return cv2.countNonZero(cv2.bitwise_and(mask, sure)) >= max(_SURE * cv2.countNonZero(mask), smallest)


def _worth(part: Part, limit: float) -> float:
    return part.area * max(1 - misfit(part.mask) / _MISFIT, _ODD if limit >= 1 else 0.0)


def _plausible(parts: Sequence[Part], differing: Difference) -> list[Part]:
    """Without what is much smaller than the largest and odd or faint: stains, knots, print, a bit of shadow."""
    largest = max((part.area for part in parts), default=0)
    return [part for part in parts if part.area >= _SMALL * largest or _is_proved(part, largest, differing)]


def _is_proved(part: Part, largest: int, differing: Difference) -> bool:
    rows, columns = part.mask.shape
    under = differing[part.top : part.top + rows, part.left : part.left + columns][part.mask > 0]
    return part.area >= _SPECK * largest and misfit(part.mask) < ROUND and float(np.median(under)) > _CLEAR
