"""picamera2's known traps (raspberrypi/picamera2#426, #427, #787, #849, #1026, #1150): every claim holds in spite of
each, and an adapter that walks into one is caught by its claim."""

import sys
from collections.abc import Callable

import numpy as np
import pytest

from edge import clock
from edge.capture.picamera import PicameraCamera
from edge.config import Camera
from edge.datapath import Frame
from edge.errors import CameraFault
from tests.contract.camera_claims import (
    CLAIMS,
    Seen,
    no_drop_is_silent,
    no_frame_is_stale,
    pictures_are_what_the_profile_says,
    red_comes_first,
)
from tests.edge.capture.fake_picamera2 import ALL_CONTROLS, Sensor, fake_module
from tests.edge.profiles import demo

SETTINGS = demo().camera.model_copy(update={"width_px": 160, "height_px": 120, "frames_hz": 250})
RED_AT = (80, 60)
Claim = Callable[[Seen], None]

TRAPS = {
    "none": {},
    "stale: a request of three frames ago": {"waits": 3},
    "silent drop": {"skip": frozenset(range(6, 4000, 5))},
    "colour order: the other one": {"formats": ("RGB888",)},
    "adjusted: NV12 alone, as the virtual camera": {"formats": ("NV12",), "has_lores": False, "controls": ()},
    "adjusted: YUV420 alone": {"formats": ("YUV420",)},
    "adjusted: a second stream of another format": {"lores_format": "NV21"},
    "a control less": {"controls": ALL_CONTROLS[1:]},
}


def seen_by(opened: Callable[[Camera], object], sensor: Sensor, patch: pytest.MonkeyPatch) -> Seen:
    patch.setitem(sys.modules, "picamera2", fake_module(sensor))
    opened_at_ns = clock.now_ns()
    return Seen(opened(SETTINGS), SETTINGS, opened_at_ns, RED_AT)


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda claim: claim.__name__)
@pytest.mark.parametrize("trap", TRAPS)
def test_the_claims_hold_in_spite_of_the_trap(trap: str, claim: Claim, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = seen_by(PicameraCamera, Sensor(**TRAPS[trap]), monkeypatch)
    claim(seen)
    seen.source.close()


class Naive:
    """An adapter as a tutorial has it: it believes what it is told."""

    def __init__(self, settings: Camera, sensor: Sensor) -> None:
        self.camera, self.sensor, self.number = sys.modules["picamera2"].Picamera2(), sensor, 0
        size = (settings.width_px, settings.height_px)
        main = {"size": size, "format": "RGB888"}  # which is said to be red, green, blue
        self.camera.configure(self.camera.create_video_configuration(main, controls={}, buffer_count=4))
        self.camera.start()

    def next_frame(self, deadline_ns: int) -> Frame:
        job = self.camera.capture_request(wait=False)
        request = self.camera.wait(job, timeout=1.0)
        self.number += 1
        stamp_ns = request.get_metadata()["SensorTimestamp"]
        pixels = request.make_array("main")
        request.release()
        return Frame("naive", self.number, stamp_ns, pixels)

    def lost(self) -> int:
        return 0

    def close(self) -> None:
        self.camera.close()


@pytest.mark.parametrize(
    ("claim", "trap", "found"),
    [
        (no_frame_is_stale, {"hold_ns": 600_000_000}, "ms old"),
        (no_frame_is_stale, {"waits": 60}, "ms before"),
        (no_drop_is_silent, {}, "1 for"),
        (red_comes_first, {}, "at 80, 60"),
        (pictures_are_what_the_profile_says, {"formats": ("NV12",)}, "uint8"),
        (pictures_are_what_the_profile_says, {}, "rows are padded"),
    ],
    ids=["old", "from before", "drop", "colour", "format", "padding"],
)
@pytest.mark.slow
def test_an_adapter_that_walks_into_a_trap_is_caught(
    claim: Claim, trap: dict[str, object], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sensor = Sensor(**trap)
    seen = seen_by(lambda settings: Naive(settings, sensor), sensor, monkeypatch)
    with pytest.raises(AssertionError, match=found):
        claim(seen)


@pytest.mark.parametrize("gives", ["NV12", "MJPEG"])
def test_a_camera_that_gives_something_else_than_it_said_is_a_fault(
    gives: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = seen_by(PicameraCamera, Sensor(gives=gives), monkeypatch)
    with pytest.raises(CameraFault, match="something else than it said"):
        seen.take(1)


def test_no_buffer_is_kept_where_a_picture_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sensor = Sensor(gives="NV12")
    seen = seen_by(PicameraCamera, sensor, monkeypatch)
    for _ in range(6):
        with pytest.raises(CameraFault):
            seen.take(1)
    assert sensor.camera
    assert sensor.camera.held == 0


def test_the_claims_look_at_pictures_and_not_at_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = seen_by(PicameraCamera, Sensor(), monkeypatch)
    (frame,) = seen.take(1)
    assert np.unique(frame.pixels[..., 0]).tolist() == [200]
