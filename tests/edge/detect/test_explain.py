import math

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.detect.explain import explained, misfit

Disc = tuple[float, float, float]


def ground(*discs: Disc, differ: float = 3.0, size: int = 300) -> np.ndarray:
    """How far a picture with discs (x, y, radius) differs from its background."""
    picture = np.full((size, size), 0.1, np.float32)
    for x, y, radius in discs:
        cv2.circle(picture, (round(x), round(y)), round(radius), differ, cv2.FILLED)
    return picture


def chain(count: int, radius: float, turn: float = 0.9) -> list[Disc]:
    """Discs that touch, each in another direction from the one before."""
    x, y = 60.0, 60.0
    discs = [(x, y, radius)]
    for n in range(1, count):
        angle = 0.2 + turn * (n % 2)
        x, y = x + 1.96 * radius * math.cos(angle), y + 1.96 * radius * math.sin(angle)
        discs.append((x, y, radius))
    return discs


@settings(max_examples=25)
@given(st.integers(1, 5), st.floats(16, 24), st.floats(0, 1.1))
def test_a_chain_of_touching_fruit_is_counted(count: int, radius: float, turn: float) -> None:
    assert len(explained(ground(*chain(count, radius, turn)), 40)) == count


def test_a_fruit_that_falls_to_pieces_where_it_looks_like_the_background_is_one() -> None:
    picture = ground((150, 150, 60))
    picture[130:140, 90:211][picture[130:140, 90:211] > 1] = 0.7
    picture[90:211, 160:172][picture[90:211, 160:172] > 1] = 0.7
    [found] = explained(picture, 40)
    assert found.area == pytest.approx(math.pi * 60**2, rel=0.05)


def test_what_hangs_on_to_a_fruit_and_differs_less_is_left_out() -> None:
    picture = ground((150, 150, 50), differ=4.0)
    cv2.rectangle(picture, (150, 190), (290, 205), 1.2, cv2.FILLED)
    [found] = explained(picture, 40)
    assert found.area == pytest.approx(math.pi * 50**2, rel=0.06)


def test_a_shadow_that_is_all_there_is_is_nothing() -> None:
    assert explained(ground((150, 150, 50), differ=0.8), 40) == []


def test_a_leaf_and_a_banana_are_one_thing_each() -> None:
    picture = ground()
    cv2.ellipse(picture, ((80, 80), (110, 34), 30), 3.0, cv2.FILLED)
    turn = np.radians(np.arange(20, 161))
    outer = np.stack([200 + 82 * np.cos(turn), 180 + 72 * np.sin(turn)], axis=1)
    inner = np.stack([200 + 82 * np.cos(turn), 168 + 40 * np.sin(turn)], axis=1)
    cv2.fillPoly(picture, [np.int32(np.concatenate([outer, inner[::-1]]))], 3.0)
    assert len(explained(picture, 40)) == 2


def test_stains_and_print_beside_fruit_are_left_out_and_a_cherry_tomato_is_not() -> None:
    fruit = [(100, 100, 60), (230, 230, 16)]
    picture = ground(*fruit)
    cv2.circle(picture, (250, 60), 16, 1.2, cv2.FILLED)
    for x in range(20, 160, 20):
        cv2.line(picture, (x, 260), (x + 12, 264), 3.0, 4)
    found = explained(picture, 40)
    assert sorted(part.area for part in found) == pytest.approx([math.pi * 16**2, math.pi * 60**2], rel=0.08)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300), st.floats(5, 60)), max_size=6), st.floats(0.2, 5))
def test_no_pixel_is_two_things_and_every_thing_lies_in_the_picture(discs: list[Disc], differ: float) -> None:
    taken = np.zeros((300, 300), np.int32)
    for part in explained(ground(*discs, differ=differ), 40):
        rows, columns = part.mask.shape
        taken[part.top : part.top + rows, part.left : part.left + columns] += part.mask > 0
    assert taken.max() <= 1


def test_an_ellipse_fits_itself_and_two_discs_fit_none() -> None:
    ellipse, pair = np.zeros((200, 200), np.uint8), np.zeros((200, 200), np.uint8)
    cv2.ellipse(ellipse, ((100, 100), (120, 90), 20), 255, cv2.FILLED)
    for x in (60, 139):
        cv2.circle(pair, (x, 100), 40, 255, cv2.FILLED)
    assert misfit(ellipse) < 0.03
    assert misfit(pair) > 0.2
