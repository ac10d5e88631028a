import cv2
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from edge.bundle import PREPROCESSING_VERSIONS, Preprocessing
from edge.grade.preprocess import to_tensor

SPEC = Preprocessing(version=1, size_px=64, background=112, margin=0.25)
RED = (200, 30, 20)


def ellipse(width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """A red fruit on green, and its mask."""
    mask = np.zeros((height, width), np.uint8)
    cv2.ellipse(mask, ((width / 2 - 0.5, height / 2 - 0.5), (width, height), 0), 255, cv2.FILLED)
    crop = np.full((height, width, 3), (0, 255, 0), np.uint8)
    crop[mask > 0] = RED
    return crop, mask


def is_background(tensor: np.ndarray) -> np.ndarray:
    return (tensor == SPEC.background).all(axis=-1)


def test_the_version_that_this_implements_is_known_to_the_bundle() -> None:
    assert SPEC.version in PREPROCESSING_VERSIONS


@given(st.integers(20, 300), st.integers(20, 300))
def test_the_fruit_is_centred_with_its_margin_and_nothing_else_shows(width: int, height: int) -> None:
    assume(max(width, height) <= 2 * min(width, height))
    tensor = to_tensor(*ellipse(width, height), SPEC)
    assert tensor.shape == (64, 64, 3)
    assert tensor.dtype == np.uint8
    fruit = ~is_background(tensor)
    rows, columns = np.flatnonzero(fruit.any(axis=1)), np.flatnonzero(fruit.any(axis=0))
    assert abs(rows[0] + rows[-1] - 63) <= 2
    assert abs(columns[0] + columns[-1] - 63) <= 2
    longer = max(len(rows), len(columns))
    assert 64 / 1.25 - 5 <= longer <= 64 / 1.25 + 1
    green = (tensor[..., 1].astype(int) > tensor[..., 0]) & fruit
    assert green.sum() <= 0.04 * fruit.sum()


def test_a_masks_resolution_hardly_matters() -> None:
    crop, mask = ellipse(80, 72)
    fine = to_tensor(crop, mask, SPEC)
    coarse = to_tensor(crop, cv2.resize(mask, (40, 36), interpolation=cv2.INTER_AREA), SPEC)
    assert (is_background(fine) != is_background(coarse)).mean() < 0.02


def test_a_crop_keeps_its_proportions() -> None:
    fruit = ~is_background(to_tensor(*ellipse(100, 50), SPEC))
    assert fruit.any(axis=0).sum() == pytest.approx(2 * fruit.any(axis=1).sum(), abs=3)


def test_a_large_crop_is_averaged_not_skipped_through() -> None:
    checks = np.indices((640, 640)).sum(axis=0) % 2 * 255
    crop = np.repeat(checks[..., np.newaxis], 3, axis=-1).astype(np.uint8)
    tensor = to_tensor(crop, np.full((640, 640), 255, np.uint8), SPEC)
    assert np.abs(tensor[16:48, 16:48].astype(int) - 128).max() <= 2


@pytest.mark.parametrize("shape", [(1, 1), (1, 900), (900, 1), (3, 5), (2000, 1500)])
def test_any_crop_gives_a_tensor(shape: tuple[int, int]) -> None:
    tensor = to_tensor(np.full((*shape, 3), 200, np.uint8), np.full(shape, 255, np.uint8), SPEC)
    assert tensor.shape == (64, 64, 3)
    assert (tensor == 200).any()


def test_a_crop_and_its_mask_are_left_as_they_were() -> None:
    crop, mask = ellipse(90, 80)
    crop.flags.writeable = mask.flags.writeable = False
    to_tensor(crop, mask, SPEC)
