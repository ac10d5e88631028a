import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.datapath import Detection, Frame
from edge.detect.segment import Segmenter
from sim.camera import BeltCamera, CameraTruth, Placed
from sim.fruit import load_builtin
from tests.edge.detect.drawn import COLOURS, disc, frame, row
from tests.edge.profiles import demo

MM_PER_PX = 0.7
LIGHTS = (0.6, 0.8, 1.0, 1.25)


def detect(pixels: np.ndarray, mm_per_px: float | None = MM_PER_PX) -> list[Detection]:
    return sorted(Segmenter(mm_per_px).detect(Frame("test", 0, 0, pixels)), key=lambda d: d.box_px)


@pytest.mark.parametrize("light", LIGHTS)
def test_every_fruit_is_found_from_dim_to_bright_light(light: float) -> None:
    fruit = row(list(COLOURS), y=140) + row(list(COLOURS), y=320)
    assert len(detect(frame(fruit, light))) == 8


@pytest.mark.parametrize("light", LIGHTS)
def test_green_fruit_are_not_lost_in_dim_light(light: float) -> None:
    found = detect(frame(row(["green"] * 4), light))
    assert len(found) == 4
    for one in found:
        area = 4 * np.count_nonzero(one.mask)
        assert area == pytest.approx(math.pi * 40**2, rel=0.06)


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("angle", [0.0, 0.5, 1.0, math.pi / 2])
def test_touching_fruit_are_taken_apart(light: float, angle: float) -> None:
    x, y = 280.0, 200.0
    other = (x + 78 * math.cos(angle), y + 78 * math.sin(angle), 76.0, "green")
    found = detect(frame([(x, y, 80.0, "red"), other], light))
    assert len(found) == 2
    assert not any(one.merged for one in found)
    for px in ((x, y), other[:2]):
        nearest = min(math.dist((one.x_mm, one.y_mm), (px[0] * MM_PER_PX, px[1] * MM_PER_PX)) for one in found)
        assert nearest < 1.5


def test_a_heap_of_touching_fruit_is_taken_apart() -> None:
    heap = [(200.0, 200.0, 80.0, "red"), (279.0, 205.0, 78.0, "green"), (240.0, 270.0, 78.0, "turning")]
    assert len(detect(frame(heap))) == 3


def test_what_cannot_be_taken_apart_is_marked_merged() -> None:
    picture = frame([]).astype(np.float32)
    for x in range(250, 400, 3):
        disc(picture, x, 240, 60, COLOURS["red"])
    (found,) = detect(picture.astype(np.uint8))
    assert found.merged


def test_a_long_fruit_without_a_neck_is_one_and_not_merged() -> None:
    picture = frame([]).astype(np.float32)
    for x in range(250, 310, 3):
        disc(picture, x, 240, 60, COLOURS["red"])
    (found,) = detect(picture.astype(np.uint8))
    assert not found.merged


@pytest.mark.parametrize("light", LIGHTS)
def test_a_dark_fruit_is_seen_whole_and_is_no_shadow(light: float) -> None:
    picture = frame([], light).astype(np.float32)
    disc(picture, 240, 240, 80, tuple(light * c for c in (30, 22, 34)))
    (found,) = detect(picture.astype(np.uint8))
    assert 4 * np.count_nonzero(found.mask) == pytest.approx(math.pi * 40**2, rel=0.06)


def test_a_lone_fruit_is_not_merged() -> None:
    (found,) = detect(frame(row(["red"])))
    assert not found.merged
    assert not found.touches_edge


@pytest.mark.slow
@settings(max_examples=20)
@given(st.floats(200, 440), st.floats(150, 330))
def test_a_middle_is_found_to_a_quarter_of_a_pixel(x: float, y: float) -> None:
    (found,) = detect(frame([(x, y, 80.0, "red")]))
    assert found.x_mm == pytest.approx(x * MM_PER_PX, abs=MM_PER_PX / 4)
    assert found.y_mm == pytest.approx(y * MM_PER_PX, abs=MM_PER_PX / 4)
    assert found.length_mm == pytest.approx(80 * MM_PER_PX, abs=3 * MM_PER_PX)


@pytest.mark.parametrize("x", [10.0, 38.0, 602.0, 635.0])
def test_a_fruit_cut_by_the_pictures_edge_is_flagged(x: float) -> None:
    (found,) = detect(frame([(x, 240.0, 80.0, "red")]))
    assert found.touches_edge


def test_a_whole_fruit_that_touches_a_cut_one_is_still_seen() -> None:
    found = detect(frame([(20.0, 240.0, 80.0, "red"), (98.0, 240.0, 78.0, "red")]))
    assert [one.touches_edge for one in found] == [True, False]


def test_an_empty_belt_has_no_fruit() -> None:
    for light in LIGHTS:
        assert detect(frame([], light)) == []


def test_dirt_is_no_fruit() -> None:
    crumbs = [(100.0 + 40 * n, 200.0, 3.0 + n, "damaged") for n in range(8)]
    assert detect(frame(crumbs)) == []


def test_without_rails_the_whole_picture_is_belt() -> None:
    (found,) = detect(frame([(320.0, 45.0, 80.0, "red")], rail_px=0))
    assert found.y_mm == pytest.approx(45 * MM_PER_PX, abs=0.3)


def test_a_belt_full_of_fruit_is_still_told_from_its_rails() -> None:
    packed = [(45.0 + 82 * i, 65.0 + 82 * j, 80.0, "red") for i in range(8) for j in range(5)]
    found = detect(frame(packed))
    assert len([one for one in found if not one.touches_edge]) >= 35


@pytest.mark.slow
def test_light_that_changes_its_colour_slowly_is_followed() -> None:
    segmenter = Segmenter(MM_PER_PX)
    picture = frame(row(["red", "green", "turning"])).astype(np.float32)
    for n in range(900):
        warmth = n / 900
        cast = np.array([1 + 0.35 * warmth, 1.0, 1 - 0.3 * warmth], np.float32)
        if n % 30 == 0 or n > 890:
            tinted = np.clip(picture * cast, 0, 255).astype(np.uint8)
        assert len(segmenter.detect(Frame("test", n, 0, tinted))) == 3


def test_a_crop_comes_from_the_full_picture() -> None:
    picture = frame(row(["red"]))
    (found,) = detect(picture)
    x, y, w, h = found.box_px
    assert np.array_equal(found.crop, picture[y : y + h, x : x + w])
    assert found.mask.shape == (h // 2, w // 2)
    assert set(np.unique(found.mask)) == {0, 255}


def test_without_a_scale_there_are_no_lengths() -> None:
    (found,) = detect(frame(row(["red"])), None)
    assert (found.x_mm, found.y_mm, found.length_mm, found.width_mm) == (None, None, None, None)


def test_a_picture_of_odd_size_is_taken() -> None:
    (found,) = detect(frame(row(["red"]), size=(641, 481)))
    assert not found.touches_edge


def test_a_frame_is_left_as_it_was_and_detections_keep_their_own_masks() -> None:
    segmenter = Segmenter(MM_PER_PX)
    first, second = frame(row(["red"])), frame(row(["green", "red"], y=300))
    before = first.copy()
    (found,) = segmenter.detect(Frame("test", 0, 0, first))
    mask = found.mask.copy()
    segmenter.detect(Frame("test", 1, 0, second))
    assert np.array_equal(first, before)
    assert np.array_equal(found.mask, mask)


@pytest.mark.slow
@pytest.mark.parametrize("light", [0.6, 1.0, 1.25])
def test_rendered_fruit_are_counted_lone_and_touching(light: float) -> None:
    skins = load_builtin("held")
    rng = np.random.default_rng(7)
    camera = BeltCamera(demo().camera, CameraTruth(MM_PER_PX, light=light), seed=1)
    for _ in range(6):
        placed = []
        for lane in (0, 1):
            for n in range(3):
                skin, mate = (skins[rng.integers(len(skins))] for _ in range(2))
                x, y = 45 + 140 * n, 108 + 120 * lane
                placed.append(Placed(skin, int(rng.integers(skin.views)), x, y, 58, 56))
                if n < 2:
                    placed.append(Placed(mate, int(rng.integers(mate.views)), x + 56, y + 12, 55, 54))
        found = detect(camera.render(placed, 0.0))
        assert len(found) == len(placed)
        for fruit in placed:
            assert min(math.dist((d.x_mm, d.y_mm), (fruit.x_mm, fruit.y_mm)) for d in found) < 4
