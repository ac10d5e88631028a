"""Stills of several fruit with their truth."""

import cv2
import numpy as np
import pytest

from edge.datapath import LABELS
from edge.errors import UsageFault
from sim.backdrops import BACKDROPS
from sim.scenes import SceneFruit, render_scene


def clumps(truth: list[SceneFruit], reach: int) -> int:
    """Groups of fruit whose inscribed ellipses come within `reach` pixels of each other."""
    canvas = np.zeros((720, 960), np.uint8)
    for fruit in truth:
        x, y, w, h = fruit.box_px
        cv2.ellipse(canvas, (x + w // 2, y + h // 2), (w // 2 + reach, h // 2 + reach), 0, 0, 360, 255, -1)
    return cv2.connectedComponents(canvas)[0] - 1


@pytest.mark.parametrize("background", BACKDROPS)
def test_a_scene_holds_every_fruit_where_the_truth_says(background: str) -> None:
    picture, truth = render_scene(4, 6, False, background)
    empty, _ = render_scene(4, 0, False, background)
    assert picture.shape == (720, 960, 3)
    assert len(truth) == 6
    for fruit in truth:
        assert fruit.label in LABELS
        x, y, w, h = fruit.box_px
        assert 10 < x < x + w < 950
        assert 10 < y < y + h < 710
    changed = np.abs(picture.astype(int) - empty).max(axis=2) > 12
    for fruit in truth:
        x, y, w, h = fruit.box_px
        assert changed[y : y + h, x : x + w].mean() > 0.5
        changed[y - 14 : y + h + 14, x - 14 : x + w + 14] = False
    assert changed.mean() < 1e-3


@pytest.mark.parametrize("seed", range(4))
def test_separate_fruit_stand_apart_and_touching_fruit_hang_together(seed: int) -> None:
    assert clumps(render_scene(seed, 7, False, "white")[1], 0) == 7
    assert clumps(render_scene(seed, 7, True, "white")[1], 6) == 1


def test_the_same_seed_renders_the_same_scene() -> None:
    first, again, other = (render_scene(seed, 3, True, "wood") for seed in (1, 1, 2))
    assert np.array_equal(first[0], again[0])
    assert first[1] == again[1] != other[1]


def test_an_unknown_background_and_too_many_fruit_are_refused() -> None:
    with pytest.raises(UsageFault, match="must be one of table, wood"):
        render_scene(1, 3, False, "grass")
    with pytest.raises(UsageFault, match="ask for fewer"):
        render_scene(1, 200, False, "white")
