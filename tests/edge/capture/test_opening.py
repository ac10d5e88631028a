"""Which camera a profile names."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge import clock
from edge.capture import usb
from edge.capture.opening import CAMERA_VARIABLE, open_camera
from edge.errors import CameraFault, UsageFault
from tests.edge.capture.fake_video import Video
from tests.edge.profiles import demo

SETTINGS = demo().camera.model_copy(update={"width_px": 160, "height_px": 120, "frames_hz": 100})


def test_a_number_is_a_usb_camera_that_is_opened_anew_where_it_stalls(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Video] = []

    def opened(number: int) -> Video:
        assert number == 3
        made.append(Video())
        return made[-1]

    monkeypatch.setattr(usb, "_opened", opened)
    camera = open_camera(SETTINGS.model_copy(update={"source": "usb:3"}), None)
    first = camera.next_frame(clock.now_ns() + 5_000_000_000)
    made[0].is_unplugged = True
    again = None
    while again is None or len(made) < 2:
        again = camera.next_frame(clock.now_ns() + 100_000_000)
    camera.close()
    assert first
    assert again.number > first.number
    assert made[0].is_released


def test_without_that_camera_the_line_says_so() -> None:
    with pytest.raises(CameraFault, match="no USB camera answers at /dev/video99"):
        open_camera(SETTINGS.model_copy(update={"source": "usb:99"}), None)


def test_anything_else_is_played_from_beside_the_profile(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    cv2.imwrite(str(tmp_path / "pictures" / "0.png"), np.zeros((120, 160, 3), np.uint8))
    camera = open_camera(SETTINGS.model_copy(update={"source": "pictures"}), tmp_path)
    assert camera.next_frame(clock.now_ns() + 5_000_000_000)
    camera.close()


def test_a_camera_by_entry_point_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CAMERA_VARIABLE, "periscope")
    with pytest.raises(UsageFault, match=r"SORTER_CAMERA = periscope: no such camera; have .*or leave it out"):
        open_camera(SETTINGS, None)
