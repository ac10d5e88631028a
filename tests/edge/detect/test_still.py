import math

import cv2
import numpy as np
import pytest

from edge.datapath import Detection
from edge.detect.still import every_fruit, one_fruit
from tests.edge.detect.drawn import COLOURS, disc


def plain(colour: tuple[int, int, int], noise: float = 2.0, size: tuple[int, int] = (480, 360)) -> np.ndarray:
    width, height = size
    light = np.linspace(1.0, 0.8, width, dtype=np.float32)[:, np.newaxis]
    picture = np.random.default_rng(11).normal(0, noise, (height, width, 3)) + np.array(colour) * light
    return picture.astype(np.float32)


def wood(size: tuple[int, int] = (480, 360)) -> np.ndarray:
    """Planks: grain along the picture, a dark joint now and then."""
    width, height = size
    grain = cv2.resize(np.random.default_rng(11).normal(0, 12, (height // 3, width // 100)).astype(np.float32), size)
    boards = np.array((150, 110, 74), np.float32) + grain[..., np.newaxis] * np.array((1.0, 0.9, 0.7), np.float32)
    boards[60::90] *= 0.6
    return boards.astype(np.float32)


BACKGROUNDS = {
    "white": lambda: plain((250, 250, 250)),
    "paper": lambda: plain((205, 185, 155), 4),
    "grey": lambda: plain((128, 128, 128)),
    "black": lambda: plain((4, 4, 4), 1),
    "blue": lambda: plain((44, 76, 128)),
    "wood": wood,
}


def with_fruit(picture: np.ndarray, *fruit: tuple[float, float, float, str]) -> np.ndarray:
    for x, y, diameter, _ in fruit:
        shadow = picture.copy()
        disc(shadow, x + diameter / 15, y + diameter / 15, diameter, (0, 0, 0))
        changed = (shadow != picture).any(axis=2)
        picture[changed] *= 0.6
    for x, y, diameter, colour in fruit:
        disc(picture, x, y, diameter, tuple(0.8 * c for c in COLOURS[colour]))
        disc(picture, x, y, 0.8 * diameter, COLOURS[colour])
    return np.clip(picture, 0, 255).astype(np.uint8)


def overlap(found: Detection, x: float, y: float, diameter: float, shape: tuple[int, ...]) -> float:
    """Intersection over union of a detection's mask and a disc."""
    rows, columns = np.indices(shape[:2])
    true = np.hypot(columns + 0.5 - x, rows + 0.5 - y) < diameter / 2
    left, top, width, height = found.box_px
    seen = np.zeros(shape[:2], bool)
    seen[top : top + height, left : left + width] = cv2.resize(found.mask, (width, height)) > 127
    return float((true & seen).sum() / (true | seen).sum())


# Flat discs of turning orange or rotten brown are of wood's own colour.
@pytest.mark.parametrize(
    ("background", "colour"),
    [(b, c) for b in BACKGROUNDS for c in COLOURS if (b, c) not in (("wood", "turning"), ("wood", "damaged"))],
)
@pytest.mark.parametrize(("x", "y", "diameter"), [(150, 220, 46), (260, 150, 120), (240, 180, 330)])
def test_one_fruit_is_cut_out_of_any_plain_background(
    background: str, colour: str, x: float, y: float, diameter: float
) -> None:
    picture = with_fruit(BACKGROUNDS[background](), (x, y, diameter, colour))
    assert overlap(one_fruit(picture), x, y, diameter, picture.shape) > (0.9 if diameter > 100 else 0.75)


@pytest.mark.parametrize("colour", ["red", "green", "turning"])
def test_a_fruit_that_fills_the_picture_is_the_picture(colour: str) -> None:
    picture = with_fruit(plain((255, 255, 255)), (240, 180, 700, colour))
    found = one_fruit(picture)
    assert found.box_px == (0, 0, 480, 360)
    assert found.mask.all()


def test_an_empty_picture_is_taken_whole() -> None:
    assert one_fruit(plain((200, 200, 200)).astype(np.uint8)).box_px == (0, 0, 480, 360)


def test_a_tight_crop_keeps_the_fruit_and_loses_the_corners() -> None:
    picture = with_fruit(plain((255, 255, 255), 0, (100, 100)), (50, 50, 99, "red"))
    found = one_fruit(picture)
    assert overlap(found, 50, 50, 99, picture.shape) > 0.9
    assert not found.mask[0, 0]


def test_a_stalk_is_left_out() -> None:
    picture = with_fruit(plain((250, 250, 250)), (240, 200, 160, "red"))
    cv2.line(picture, (240, 130), (250, 60), (60, 90, 40), 6)
    assert one_fruit(picture).box_px[1] > 100


@pytest.mark.slow
def test_a_large_picture_is_cut_from_its_own_pixels() -> None:
    picture = with_fruit(plain((250, 250, 250), 1, (2400, 1800)), (900, 1000, 240, "red"))
    found = one_fruit(picture)
    x, y, w, h = found.box_px
    assert w == pytest.approx(240, abs=14)
    assert np.array_equal(found.crop, picture[y : y + h, x : x + w])


@pytest.mark.parametrize("shape", [(1, 1), (2, 300), (300, 2), (7, 7)])
def test_any_picture_has_its_one_fruit(shape: tuple[int, int]) -> None:
    picture = np.random.default_rng(11).integers(0, 256, (*shape, 3)).astype(np.uint8)
    assert min(one_fruit(picture).box_px[2:]) > 0
    every_fruit(picture)


@pytest.mark.parametrize("background", BACKGROUNDS)
def test_every_fruit_of_a_scene_is_counted_touching_ones_too(background: str) -> None:
    fruit = [(80, 80, 60, "red"), (138, 84, 58, "green"), (300, 100, 64, "green"), (420, 250, 60, "red")]
    fruit += [(130, 260, 70, "red"), (192, 290, 66, "red"), (250, 260, 62, "green")]
    found = every_fruit(with_fruit(BACKGROUNDS[background](), *fruit))
    assert len(found) == len(fruit)
    middles = [(x + w / 2, y + h / 2) for x, y, w, h in (one.box_px for one in found)]
    for x, y, _, _ in fruit:
        assert min(math.dist(middle, (x, y)) for middle in middles) < 6


def test_a_scene_without_fruit_has_none() -> None:
    for make in BACKGROUNDS.values():
        assert every_fruit(np.clip(make(), 0, 255).astype(np.uint8)) == []


def test_a_fruit_cut_by_the_pictures_edge_is_flagged() -> None:
    found = every_fruit(with_fruit(plain((250, 250, 250)), (10, 180, 80, "red"), (240, 180, 80, "red")))
    assert sorted(one.touches_edge for one in found) == [False, True]


@pytest.mark.parametrize("background", ["white", "paper", "grey", "blue"])
def test_a_shadow_beside_a_fruit_is_neither_a_fruit_nor_part_of_one(background: str) -> None:
    picture = BACKGROUNDS[background]()
    shadow = np.zeros(picture.shape, np.float32)
    disc(shadow, 270, 200, 120, (1, 1, 1))
    picture *= 1 - 0.6 * cv2.GaussianBlur(shadow, (0, 0), 4)
    disc(picture, 240, 180, 120, COLOURS["red"])
    picture = np.clip(picture, 0, 255).astype(np.uint8)
    [found] = every_fruit(picture)
    assert overlap(found, 240, 180, 120, picture.shape) > 0.9


def test_a_picture_full_of_one_fruit_is_a_scene_of_one() -> None:
    [found] = every_fruit(with_fruit(plain((255, 255, 255)), (240, 180, 700, "red")))
    assert found.box_px == (0, 0, 480, 360)
