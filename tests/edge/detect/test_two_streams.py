"""What the camera gives beside the whole picture: its half, and rows of another instant."""

from dataclasses import replace

import cv2
import pytest

from edge.datapath import Frame
from edge.detect.segment import Segmenter
from tests.edge.detect.drawn import frame as drawn

MM_PER_PX = 0.7


def test_a_camera_that_halves_the_frame_itself_gives_the_same_fruit():
    pixels = drawn([(160.0, 130.0, 80.0, "red"), (400.0, 300.0, 76.0, "green")])
    half = cv2.resize(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA)
    own, given = Segmenter(MM_PER_PX), Segmenter(MM_PER_PX)
    for n in range(40):  # past the next look at the belt's colour
        frame = Frame("test", n, n, pixels)
        alone, helped = own.detect(frame), given.detect(replace(frame, half=half))
        assert [d.box_px for d in alone] == [d.box_px for d in helped]
    assert len(alone) == 2
    assert given.scene(0) == own.scene(0)


def test_the_cameras_half_is_never_written_to_and_may_be_absent_at_any_time():
    pixels = drawn([(160.0, 130.0, 80.0, "red")])
    half = cv2.resize(pixels, (pixels.shape[1] // 2, pixels.shape[0] // 2), interpolation=cv2.INTER_AREA)
    half.setflags(write=False)
    segmenter = Segmenter(MM_PER_PX)
    for given in (half, None, half, half[1:], None):
        assert len(segmenter.detect(Frame("test", 0, 0, pixels, half=given))) == 1


def test_what_a_rolling_shutter_saw_later_is_put_back_to_the_middle_rows_instant():
    pixels = drawn([(160.0, 140.0, 80.0, "red"), (160.0, 320.0, 80.0, "red")])
    straight, rolling = Segmenter(MM_PER_PX), Segmenter(MM_PER_PX, shear_mm=9.0)
    frame = Frame("test", 0, 0, pixels)
    for plain, moved in zip(straight.detect(frame), rolling.detect(frame), strict=True):
        height_mm = pixels.shape[0] * MM_PER_PX
        assert plain.x_mm - moved.x_mm == pytest.approx(9.0 * (plain.y_mm / height_mm - 0.5))
