"""The eyes on real photographs: one fruit is found, whole, whatever stands behind it."""

import os
from pathlib import Path

import numpy as np
import pytest

from edge.detect.still import every_fruit, one_fruit
from edge.stills import read_image

pytestmark = [pytest.mark.photographs, pytest.mark.slow]


@pytest.fixture(scope="module")
def data() -> Path:
    return Path(os.environ["SORTER_DATA"])


def fill(mask: np.ndarray) -> float:
    """The share of its box that an outline fills: 0.79 for an ellipse."""
    return np.count_nonzero(mask) / mask.size


def test_a_small_fruit_on_black_is_found_by_another_camera(data: Path) -> None:
    files = sorted((data / "lab").glob("*/*.png"))
    assert files
    for file in files:
        pixels = read_image(file)
        found = one_fruit(pixels)
        share = found.box_px[2] * found.box_px[3] / (pixels.shape[0] * pixels.shape[1])
        assert share < 0.1, file
        assert not found.touches_edge, file
        assert 0.65 < fill(found.mask) < 0.9, file
        assert len(every_fruit(pixels)) == 1, file


def test_a_fruit_that_fills_its_white_picture_is_cut_out(data: Path) -> None:
    files = sorted((data / "turntable").glob("*/*.jpg"))[::40]
    assert files
    for file in files:
        found = one_fruit(read_image(file))
        assert 0.65 < fill(found.mask) < 0.9, file
        assert found.box_px[2] * found.box_px[3] > 0.45 * 100 * 100, file
