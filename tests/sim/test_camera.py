"""The camera of the simulated world."""

import math
from dataclasses import replace

import numpy as np
import pytest

from edge.config import Camera
from sim.camera import BeltCamera, CameraTruth, Placed
from sim.fruit import Turning, load_builtin
from sim.sprites import Painter, Sprites

SETTINGS = Camera(width_px=320, height_px=240, frames_hz=30, exposure_us=500, mm_per_px=0.7)
QUIET = CameraTruth(0.7, noise=0, falloff=0, speed_mm_s=0, rail_mm=0)


def disc(size: int = 72, colour: tuple[int, int, int] = (220, 60, 40)) -> Turning:
    """A flat round fruit: its middle is known exactly."""
    from_middle = np.arange(size) + 0.5 - size / 2
    inside = np.clip(size / 2 - 0.5 - np.hypot(*np.meshgrid(from_middle, from_middle)), 0, 1)
    view = np.dstack([np.full((size, size, 3), colour), np.round(255 * inside)]).astype(np.uint8)
    return Turning("disc", "red", [False], lambda: [view])


def red_middle_px(frame: np.ndarray) -> tuple[float, float]:
    """The centre of what is red, in pixels from the picture's corner."""
    weight = np.clip(frame[..., 0].astype(float) - frame[..., 2], 0, None)
    weight[weight < 40] = 0
    y, x = np.mgrid[: frame.shape[0], : frame.shape[1]] + 0.5
    return float((x * weight).sum() / weight.sum()), float((y * weight).sum() / weight.sum())


@pytest.mark.parametrize("size", [72, 100])
@pytest.mark.parametrize(("x_mm", "y_mm"), [(100.0, 80.0), (100.25, 80.1), (61.37, 120.55)])
def test_a_fruit_stands_where_it_is_to_a_fraction_of_a_pixel(x_mm: float, y_mm: float, size: int) -> None:
    frame = BeltCamera(SETTINGS, QUIET, 1).render([Placed(disc(size), 0, x_mm, y_mm, 56, 56)], 0)
    assert red_middle_px(frame) == pytest.approx((x_mm / 0.7, y_mm / 0.7), abs=0.08)


def test_a_fruit_is_as_long_and_wide_as_it_is() -> None:
    frame = BeltCamera(SETTINGS, QUIET, 1).render([Placed(disc(), 0, 110, 80, 70, 42)], 0)
    red = frame[..., 0] > 130
    assert np.count_nonzero(red.any(axis=0)) == pytest.approx(97.2, abs=1)
    assert np.count_nonzero(red.any(axis=1)) == pytest.approx(58.3, abs=1)


def test_the_true_scale_and_skew_show_away_from_the_middle() -> None:
    middle, far = Placed(disc(), 0, 112, 84, 40, 40), Placed(disc(), 0, 182, 84, 40, 40)
    camera = BeltCamera(SETTINGS, replace(QUIET, mm_per_px=0.714, skew_rad=0.02), 1)
    assert red_middle_px(camera.render([middle], 0)) == pytest.approx((160, 120), abs=0.15)
    expected = (160 + 70 / 0.714 * math.cos(0.02), 120 + 70 / 0.714 * math.sin(0.02))
    assert red_middle_px(camera.render([far], 0)) == pytest.approx(expected, abs=0.15)


def test_the_same_seed_renders_the_same_frames_and_another_does_not() -> None:
    skin = load_builtin("held")[0]
    first, again, other = (
        [BeltCamera(SETTINGS, CameraTruth(0.7), seed).render([Placed(skin, k, 80, 80, 55, 55)], 20 * k) for k in (0, 1)]
        for seed in (5, 5, 6)
    )
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_a_faster_belt_smears_a_fruit_along_the_belt_alone() -> None:
    fruit = Placed(disc(), 0, 112, 84, 40, 40)
    slow = BeltCamera(SETTINGS, QUIET, 1).render([fruit], 0)
    smear = Camera(**{**SETTINGS.model_dump(), "exposure_us": 8000})
    fast = BeltCamera(smear, replace(QUIET, speed_mm_s=1000), 1).render([fruit], 0)

    def steepest(line: np.ndarray) -> int:
        return int(np.abs(np.diff(line.astype(int))).max())

    assert steepest(fast[120, :, 0]) < 0.5 * steepest(slow[120, :, 0])
    assert steepest(fast[:, 160, 0]) > 0.65 * steepest(slow[:, 160, 0])
    assert red_middle_px(fast) == pytest.approx(red_middle_px(slow), abs=0.2)


def test_fruit_are_cut_at_the_edges_and_nothing_is_drawn_beyond() -> None:
    def render(*fruit: Placed) -> np.ndarray:
        return BeltCamera(SETTINGS, QUIET, 1).render(fruit, 0)

    empty = render()
    for x, y in ((0, 84), (224, 84), (112, 0), (112, 168), (-10, -10)):
        cut = render(Placed(disc(), 0, x, y, 56, 56))
        assert cut.shape == empty.shape
        assert not np.array_equal(cut, empty)
    assert np.array_equal(render(Placed(disc(), 0, -200, 84, 56, 56), Placed(disc(), 0, 500, 500, 56, 56)), empty)


def test_the_belt_moves_with_its_travel() -> None:
    camera = BeltCamera(SETTINGS, QUIET, 1)
    before, after = camera.render([], 0).astype(int), camera.render([], 21.0).astype(int)
    assert np.array_equal(before[:, :-30], after[:, 30:])
    assert not np.array_equal(before, after)


def test_noise_is_as_strong_as_said_and_new_in_every_frame() -> None:
    camera = BeltCamera(SETTINGS, replace(QUIET, noise=3.0), 1)
    a, b = camera.render([], 0).astype(int), camera.render([], 0).astype(int)
    assert np.std(a - b) == pytest.approx(3.0 * math.sqrt(2), rel=0.05)


def test_a_fruit_throws_a_shadow_on_the_belt_beside_it() -> None:
    camera = BeltCamera(SETTINGS, QUIET, 1)
    empty, frame = camera.render([], 0).astype(int), camera.render([Placed(disc(), 0, 112, 84, 56, 56)], 0)
    assert 0.4 < frame[120, 160 + 42, 2] / empty[120, 160 + 42, 2] < 0.95
    assert np.array_equal(frame[120, 240], empty[120, 240])


def test_prepared_views_are_bounded_and_never_mistaken_for_each_other() -> None:
    sprites = Sprites(kept=4)
    painter = Painter(sprites=sprites)
    skins = [disc(colour=(40 * n, 10, 10)) for n in range(1, 7)]
    for _ in range(2):
        for n, skin in enumerate(skins, 1):
            picture = np.zeros((100, 100, 3), np.uint8)
            painter.paint(picture, skin, 0, middle_px=(50, 50), size_px=(60, 60))
            assert picture[50, 50].tolist() == [40 * n, 10, 10]
    assert len(sprites._sprites) <= 4
