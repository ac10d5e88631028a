"""USB cameras, against a VideoCapture with V4L2's ways."""

import sys

import cv2
import pytest

from edge import clock
from edge.capture.usb import UsbCamera
from edge.config import Camera
from edge.errors import CameraFault
from edge.log import start_log
from tests.edge.capture.fake_video import Video
from tests.edge.profiles import demo

SETTINGS = demo().camera.model_copy(update={"width_px": 160, "height_px": 120, "frames_hz": 100, "source": "usb:0"})


def opened(video: Video, settings: Camera = SETTINGS) -> UsbCamera:
    return UsbCamera(0, settings, lambda number: video)


def take(camera: UsbCamera, count: int = 1) -> list:
    return [camera.next_frame(clock.now_ns() + 2_000_000_000) for _ in range(count)]


@pytest.mark.parametrize(
    ("source", "number"), [("usb:0", 0), ("usb:12", 12), ("usb:", None), ("usb:x", None), ("0", None)]
)
def test_a_usb_camera_is_named_by_its_number(source: str, number: int | None) -> None:
    assert SETTINGS.model_copy(update={"source": source}).usb_number == number


def test_exposure_white_balance_and_focus_are_held_and_blue_is_blue() -> None:
    video = Video()
    camera = opened(video)
    frame = take(camera)[0]
    camera.close()
    assert video.told[cv2.CAP_PROP_AUTO_EXPOSURE] == 1
    assert video.told[cv2.CAP_PROP_EXPOSURE] == 5
    assert video.told[cv2.CAP_PROP_AUTO_WB] == video.told[cv2.CAP_PROP_AUTOFOCUS] == 0
    assert video.told[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"YUYV")
    assert frame.pixels[60, 80, :2].tolist() == [200, 100]
    assert video.is_released


def test_what_usb_2_cannot_carry_raw_comes_as_jpeg() -> None:
    video = Video((1280, 720))
    opened(video, SETTINGS.model_copy(update={"width_px": 1280, "height_px": 720, "frames_hz": 30})).close()
    assert video.told[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")


def test_what_the_driver_refuses_is_told_and_the_rest_goes_on(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(sys.stderr)
    video = Video()
    video.refuses = {cv2.CAP_PROP_AUTO_WB}
    camera = opened(video)
    assert take(camera, 2)
    camera.close()
    assert 'lacks="fixed white balance"' in capsys.readouterr().err


def test_the_middle_of_the_exposure_is_half_of_it_before_the_stamp() -> None:
    camera = opened(video := Video())
    frames = take(camera, 3)
    camera.close()
    offsets = {(frame.exposed_at_ns + 250_000 - video._start_ns) % video.period_ns for frame in frames[1:]}
    assert all(min(offset, video.period_ns - offset) < 1_000_000 for offset in offsets)


def test_a_read_that_hangs_keeps_nobody_waiting() -> None:
    video = Video()
    camera = opened(video)
    take(camera)
    video.goes_on.clear()
    while not video.hangs.is_set() or camera.next_frame(clock.now_ns() + 2_000_000) is not None:
        pass
    camera.close()
    assert not video.is_released
    video.goes_on.set()
    camera._reader.join()
    assert video.is_released


def test_without_a_camera_the_line_says_what_to_check() -> None:
    video = Video()
    video.is_absent = True
    with pytest.raises(CameraFault, match=r"no USB camera answers at /dev/video0; check its cable"):
        opened(video)
    assert video.is_released


def test_one_that_is_unplugged_is_a_fault_and_let_go() -> None:
    video = Video()
    camera = opened(video)
    take(camera)
    video.is_unplugged = True
    with pytest.raises(CameraFault, match="gives no frame; check its cable"):
        take(camera, 3)
    camera.close()
    assert video.is_released


def test_a_size_that_was_changed_in_silence_is_refused() -> None:
    camera = opened(Video((320, 240)))
    with pytest.raises(CameraFault, match=r"gives pictures of \(240, 320, 3\) instead"):
        take(camera)
    camera.close()
