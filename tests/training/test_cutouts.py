import cv2
import numpy as np
import pytest

from training.cutouts import MOST, SMOOTH, cut_out_of_heap


def heap(*fruit: tuple[int, int, int]) -> np.ndarray:
    """Shaded orange balls (x, y, radius) on a dark ground, uint8 RGB (240, 320, 3)."""
    picture = np.full((240, 320, 3), 25, np.uint8)
    rows, columns = np.mgrid[:240, :320]
    for x, y, r in fruit:
        away = np.hypot(columns - x, rows - y) / r
        shade = np.sqrt(np.clip(1 - 0.7 * away**2, 0, 1))[..., None]
        picture = np.where((away < 1)[..., None], np.array([230, 130, 40]) * shade, picture).astype(np.uint8)
    return cv2.GaussianBlur(picture, (0, 0), 1.0)


def test_each_fruit_of_a_heap_is_cut_out_alone() -> None:
    found = list(cut_out_of_heap(heap((80, 120, 40), (200, 120, 45)), SMOOTH))
    areas = sorted(int(np.count_nonzero(mask)) for _, mask in found)
    assert areas == [pytest.approx(np.pi * r**2, rel=0.15) for r in (40, 45)]


def test_crop_and_mask_are_of_one_shape_and_the_mask_holds_fruit_alone() -> None:
    for crop, mask in cut_out_of_heap(heap((80, 120, 40), (200, 120, 45)), SMOOTH):
        assert crop.shape == (*mask.shape, 3)
        assert crop[mask > 0].max(axis=-1).min() > 60


def test_fruit_that_runs_out_of_the_picture_is_left() -> None:
    assert list(cut_out_of_heap(heap((10, 120, 40)), SMOOTH)) == []


def test_a_picture_without_fruit_gives_none() -> None:
    assert list(cut_out_of_heap(np.full((240, 320, 3), 90, np.uint8), SMOOTH)) == []


def test_no_picture_gives_more_than_a_few() -> None:
    many = heap(*[(40 + 60 * n, 60 + 70 * row, 26) for n in range(5) for row in range(2)])
    assert 1 <= len(list(cut_out_of_heap(many, SMOOTH))) <= MOST
