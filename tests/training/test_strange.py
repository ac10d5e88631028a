import cv2
import numpy as np
import pytest

from training.strange import skinned


@pytest.fixture
def tomato() -> tuple[np.ndarray, np.ndarray]:
    rows, columns = np.mgrid[-1:1:80j, -1:1:90j]
    away = np.hypot(rows, columns)
    pixels = (np.array([200, 50, 30]) * np.sqrt(np.clip(1 - 0.7 * away**2, 0, 1))[..., None]).astype(np.uint8)
    return pixels, np.where(away < 0.95, 255, 0).astype(np.uint8)


def test_the_same_draw_makes_the_same_stranger(tomato) -> None:
    one, other = (skinned(*tomato, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(one, other)
    assert one.shape == tomato[0].shape
    assert one.dtype == np.uint8


def test_every_draw_leaves_a_mark_and_the_picture_it_was_given_as_it_was(tomato) -> None:
    before = tomato[0].copy()
    inside = tomato[1] > 0
    for seed in range(40):
        made = skinned(*tomato, np.random.default_rng(seed))
        assert np.abs(made[inside].astype(int) - before[inside]).mean() > 3, seed
    assert np.array_equal(tomato[0], before)


def test_many_keep_a_hue_that_a_tomato_may_have(tomato) -> None:
    red = 0
    for seed in range(60):
        made = skinned(*tomato, np.random.default_rng(seed))
        lab = cv2.cvtColor(made, cv2.COLOR_RGB2LAB)[tomato[1] > 0].astype(float)
        red += np.degrees(np.arctan2(np.median(lab[:, 2]) - 128, np.median(lab[:, 1]) - 128)) % 360 < 100
    assert red > 15
