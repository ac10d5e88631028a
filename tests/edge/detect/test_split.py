import math

import cv2
import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.detect.split import is_convex, is_lone, split


def drawn(*ellipses: tuple[float, float, float, float, float]) -> np.ndarray:
    """A mask of ellipses: x, y, half axes, angle in degrees."""
    mask = np.zeros((200, 200), np.uint8)
    for x, y, a, b, angle in ellipses:
        cv2.ellipse(mask, ((x, y), (2 * a, 2 * b), angle), 255, cv2.FILLED)
    return mask


def outline(mask: np.ndarray) -> np.ndarray:
    return max(cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0], key=cv2.contourArea)


@given(st.floats(12, 45), st.floats(1.0, 1.45), st.floats(0, 180))
def test_an_ellipse_is_a_lone_fruit_however_it_lies(half: float, aspect: float, angle: float) -> None:
    assert is_lone(cv2.moments(outline(drawn((100, 100, half * aspect, half, angle)))))


@given(st.floats(15, 35), st.floats(0.65, 1.0), st.floats(0, math.pi))
def test_a_touching_pair_is_found_out_and_taken_apart(radius: float, ratio: float, angle: float) -> None:
    reach = radius * (1 + ratio) * 0.98
    other = (100 + reach * math.cos(angle), 100 + reach * math.sin(angle), radius * ratio, radius * ratio, 0)
    mask = drawn((100, 100, radius, radius, 0), other)
    assert not is_lone(cv2.moments(outline(mask)))
    first, second = split(mask, mask)
    assert np.count_nonzero(first) > np.count_nonzero(second) * 0.9
    assert abs(np.count_nonzero(second) - math.pi * (radius * ratio) ** 2) < 0.15 * math.pi * (radius * ratio) ** 2


@given(st.lists(st.tuples(st.floats(30, 170), st.floats(30, 170), st.floats(10, 30)), min_size=1, max_size=6))
def test_the_parts_are_the_whole_and_share_nothing(discs: list[tuple[float, float, float]]) -> None:
    mask = drawn(*((x, y, r, r, 0) for x, y, r in discs))
    assume(mask.any())
    parts = split(mask, mask)
    assert np.array_equal(np.sum(parts, axis=0, dtype=np.int32), mask)


def test_a_fruit_cut_by_the_pictures_edge_is_convex_and_a_cut_pair_is_not() -> None:
    half = outline(drawn((100, 0, 40, 40, 0)))
    assert not is_lone(cv2.moments(half))
    assert is_convex(half, cv2.moments(half))
    pair = outline(drawn((80, 10, 30, 30, 0), (139, 10, 30, 30, 0)))
    assert not is_convex(pair, cv2.moments(pair))


def test_the_gap_in_a_ring_of_fruit_belongs_to_none_and_a_hole_in_a_fruit_to_it() -> None:
    ring = [(100 + 45 * math.cos(a), 100 + 45 * math.sin(a), 32, 32, 0) for a in (0.2, 1.77, 3.34, 4.91)]
    raw = drawn(*ring)
    filled = raw.copy()
    cv2.drawContours(filled, [outline(raw)], 0, 255, cv2.FILLED)
    assert filled[100, 100]
    spot = (round(ring[0][0]), round(ring[0][1]))
    cv2.circle(raw, spot, 8, 0, cv2.FILLED)
    parts = split(filled, raw)
    assert len(parts) == 4
    assert not any(part[100, 100] for part in parts)
    assert any(part[spot[1], spot[0]] for part in parts)
