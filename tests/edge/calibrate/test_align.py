"""A camera that was knocked, by what stands still in its pictures."""

import cv2
import numpy as np
import pytest

from edge.calibrate.align import moved


def plate(marks: bool, *, along: float = 0.0, across: float = 0.0, turn_deg: float = 0.0, zoom: float = 1.0, light=1.0):
    """A belt between two rails, seen by a camera that has moved so far, uint8 RGB (480, 640, 3)."""
    picture = np.full((480, 640, 3), (44, 76, 128), np.uint8)
    picture[:24] = picture[456:] = (34, 35, 37)
    if marks:
        for x, y in ((100, 10), (500, 468)):
            cv2.circle(picture, (x, y), 6, (200, 200, 200), -1, cv2.LINE_AA)
    matrix = cv2.getRotationMatrix2D((319.5, 239.5), -turn_deg, zoom)
    matrix[:, 2] += (along, across)
    picture = cv2.warpAffine(picture, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    return np.clip(picture * light, 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("along", "across", "turn_deg", "zoom"),
    [(0.0, 0.0, 0.0, 1.0), (4.0, 3.0, 0.0, 1.0), (-8.0, 2.0, 0.7, 1.0), (12.0, -7.0, -1.0, 0.99)],
)
def test_shift_turn_and_zoom_are_found_by_rails_and_marks_in_other_light(along, across, turn_deg, zoom) -> None:
    found = moved(plate(True), plate(True, along=along, across=across, turn_deg=turn_deg, zoom=zoom, light=0.9))
    assert found.along_known
    assert found.along_px == pytest.approx(along, abs=0.3)
    assert found.across_px == pytest.approx(across, abs=0.3)
    assert found.turn_deg == pytest.approx(turn_deg, abs=0.1)
    assert found.zoom == pytest.approx(zoom, abs=0.002)


def test_rails_alone_do_not_tell_how_far_a_camera_has_moved_along_them() -> None:
    found = moved(plate(False), plate(False, along=6.0, across=3.0))
    assert not found.along_known
    assert found.along_px == pytest.approx(0.0, abs=0.3)
    assert found.across_px == pytest.approx(3.0, abs=0.3)
