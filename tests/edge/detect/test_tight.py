import cv2
import numpy as np
import pytest

from edge.detect.still import every_fruit, one_fruit
from tests.edge.detect.drawn import COLOURS, disc

BACKGROUNDS = {"white": (246, 246, 244), "black": (10, 10, 11), "paper": (228, 222, 208), "blue": (44, 76, 128)}


def stored(background: str, colour: str, x: float, y: float, diameter: float, quality: int) -> np.ndarray:
    """100 pixels wide, with a bright spot on the fruit, as JPEG gives it back."""
    picture = np.full((80, 100, 3), BACKGROUNDS[background], np.float32)
    disc(picture, x, y, diameter, tuple(0.7 * c for c in COLOURS[colour]))
    disc(picture, x, y, 0.7 * diameter, COLOURS[colour])
    disc(picture, x - diameter / 6, y - diameter / 6, diameter / 7, (250, 250, 250))
    written = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(written, cv2.IMREAD_COLOR)[..., ::-1], np.uint8)


def shared(box: tuple[int, ...], x: float, y: float, diameter: float) -> float:
    """Intersection over union of a box and a disc's."""
    left, top = x - diameter / 2, y - diameter / 2
    across = min(box[0] + box[2], left + diameter) - max(box[0], left)
    down = min(box[1] + box[3], top + diameter) - max(box[1], top)
    both = max(across, 0) * max(down, 0)
    return both / (box[2] * box[3] + diameter**2 - both)


@pytest.mark.parametrize("background", BACKGROUNDS)
@pytest.mark.parametrize("colour", ["red", "green", "turning"])
@pytest.mark.parametrize(("x", "y", "diameter"), [(30, 41, 10), (65, 30, 14), (50, 40, 30)])
@pytest.mark.parametrize("quality", [60, 90])
def test_what_jpeg_spreads_about_a_small_fruit_is_no_part_of_it(
    background: str, colour: str, x: float, y: float, diameter: float, quality: int
) -> None:
    picture = stored(background, colour, x, y, diameter, quality)
    least = 0.55 if diameter < 20 else 0.8
    assert shared(one_fruit(picture).box_px, x, y, diameter) > least
    [found] = every_fruit(picture)
    assert shared(found.box_px, x, y, diameter) > least
