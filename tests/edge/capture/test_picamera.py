"""The Pi's camera adapter against a picamera2 with the real one's traps."""

import sys
from pathlib import Path

import numpy as np
import pytest

from edge import clock
from edge.capture.picamera import PicameraCamera
from edge.datapath import Frame
from edge.errors import CameraFault
from edge.log import start_log
from tests.edge.capture.fake_picamera2 import Sensor, fake_module
from tests.edge.profiles import demo

SETTINGS = demo().camera.model_copy(update={"width_px": 160, "height_px": 120, "frames_hz": 250})


@pytest.fixture
def sensor(monkeypatch: pytest.MonkeyPatch) -> Sensor:
    made = Sensor()
    monkeypatch.setitem(sys.modules, "picamera2", fake_module(made))
    return made


def take(camera: PicameraCamera, count: int) -> list[Frame]:
    frames = [camera.next_frame(clock.now_ns() + 1_000_000_000) for _ in range(count)]
    assert None not in frames
    return [frame for frame in frames if frame]


def test_pixels_are_red_green_blue_in_memory(sensor: Sensor) -> None:
    (frame,) = take(PicameraCamera(SETTINGS), 1)
    assert frame.pixels.shape == (120, 160, 3)
    assert frame.pixels.flags.c_contiguous
    assert frame.pixels[7, 9, :2].tolist() == [200, 100]


def test_the_middle_of_the_exposure_is_half_of_it_before_the_stamp(sensor: Sensor) -> None:
    sensor.exposure_us = 800
    frames = take(PicameraCamera(SETTINGS), 3)
    assert {frame.exposed_at_ns for frame in frames} <= {stamp - 400_000 for stamp in sensor.stamps}


def test_exposure_gain_and_colours_are_fixed(sensor: Sensor) -> None:
    PicameraCamera(SETTINGS.model_copy(update={"gain": 2.5, "white_balance": (1.8, 1.2)}))
    assert sensor.camera
    assert sensor.camera.settings["controls"] == {
        "AeEnable": False,
        "AwbEnable": False,
        "ExposureTime": 500,
        "AnalogueGain": 2.5,
        "ColourGains": (1.8, 1.2),
        "FrameDurationLimits": (4000, 4000),
    }


def test_a_camera_that_cannot_be_told_a_thing_is_told_the_rest_and_the_log_says_so(
    sensor: Sensor, capsys: pytest.CaptureFixture[str]
) -> None:
    start_log(sys.stderr)
    sensor.controls = ("ExposureTime", "AeEnable")
    take(PicameraCamera(SETTINGS), 1)
    assert sensor.camera
    assert sensor.camera.settings["controls"] == {"AeEnable": False, "ExposureTime": 500}
    assert 'lacks="AwbEnable, AnalogueGain, ColourGains, FrameDurationLimits"' in capsys.readouterr().err


def test_the_middle_row_of_a_rolling_shutter_is_exposed_half_a_readout_later(sensor: Sensor) -> None:
    (frame,) = take(PicameraCamera(SETTINGS.model_copy(update={"readout_us": 15_000})), 1)
    assert frame.exposed_at_ns == sensor.stamps[0] - 250_000 + 7_500_000


def test_where_the_camera_is_triggered_the_pulse_is_the_exposure_and_the_rate_is_not_asked_for(sensor: Sensor) -> None:
    sensor.exposure_us = 9_000
    (frame,) = take(PicameraCamera(SETTINGS.model_copy(update={"trigger_pin": 14})), 1)
    assert frame.exposed_at_ns == sensor.stamps[0] - 250_000
    assert sensor.camera
    assert "FrameDurationLimits" not in sensor.camera.settings["controls"]


def test_each_frame_comes_at_half_its_size_too_in_the_same_colours(sensor: Sensor) -> None:
    for frame in take(PicameraCamera(SETTINGS), 3):
        assert frame.half is not None
        assert frame.half.shape == (60, 80, 3)
        assert np.abs(frame.half[30, 40].astype(int) - frame.pixels[60, 80]).max() < 6


@pytest.mark.parametrize(
    "without",
    [{"has_lores": False}, {"lores_format": "NV21"}, {"two_streams": False}, {"width_px": 162}],
    ids=["refused", "adjusted in silence", "not asked for", "no whole half"],
)
def test_a_camera_without_a_second_stream_gives_the_first(sensor: Sensor, without: dict[str, object]) -> None:
    settings = SETTINGS.model_copy(update={k: v for k, v in without.items() if k in ("two_streams", "width_px")})
    for key in without.keys() - {"two_streams", "width_px"}:
        setattr(sensor, key, without[key])
    (frame,) = take(PicameraCamera(settings), 1)
    assert frame.half is None
    assert frame.pixels.shape == (120, settings.width_px, 3)


def test_frames_that_vanish_are_counted_by_their_stamps(sensor: Sensor) -> None:
    sensor.skip = frozenset(range(5, 5_000, 7))
    camera = PicameraCamera(SETTINGS)
    taken = 0
    while len(sensor.stamps) < 2 or sensor.stamps[-1] - sensor.stamps[0] < 60_000_000:
        (last,) = take(camera, 1)
        taken += 1
    assert camera.lost() >= 1
    assert last.number == taken + camera.lost()


@pytest.mark.slow
def test_a_frame_that_waited_in_a_queue_is_refused(sensor: Sensor) -> None:
    sensor.hold_ns = 300_000_000
    camera = PicameraCamera(SETTINGS)
    assert camera.next_frame(clock.now_ns() + 330_000_000) is None
    assert sensor.stamps
    assert sensor.camera
    assert sensor.camera.held == 0


def test_every_buffer_goes_back_to_the_camera(sensor: Sensor) -> None:
    camera = PicameraCamera(SETTINGS)
    take(camera, 9)
    assert sensor.camera
    assert sensor.camera.held == 0


def test_a_silent_camera_keeps_nobody_waiting_and_one_job_at_most(sensor: Sensor) -> None:
    camera = PicameraCamera(SETTINGS)
    sensor.is_dead = True
    for _ in range(3):
        assert camera.next_frame(clock.now_ns() + 2_000_000) is None
    assert sensor.camera
    assert len(sensor.camera.jobs) == 1
    sensor.is_dead = False
    take(camera, 1)


def test_a_silent_camera_can_be_closed(sensor: Sensor) -> None:
    camera = PicameraCamera(SETTINGS)
    sensor.is_dead = True
    camera.next_frame(clock.now_ns() + 2_000_000)
    camera.close()
    assert sensor.camera
    assert not sensor.camera.is_open


def test_a_format_that_was_adjusted_in_silence_is_refused_and_the_camera_let_go(sensor: Sensor) -> None:
    sensor.formats = ("MJPEG",)
    with pytest.raises(CameraFault, match="the camera gives 160, 120 as MJPEG instead"):
        PicameraCamera(SETTINGS)
    assert sensor.camera
    assert not sensor.camera.is_open


def test_a_camera_that_does_not_start_is_named_and_let_go(sensor: Sensor) -> None:
    sensor.is_taken = True
    with pytest.raises(CameraFault, match=r"does not start \(.*busy\); end whatever else uses it"):
        PicameraCamera(SETTINGS)
    assert sensor.camera
    assert not sensor.camera.is_open


def test_without_a_camera_the_line_says_what_to_check(sensor: Sensor) -> None:
    sensor.is_absent = True
    with pytest.raises(CameraFault, match=r"no camera answers .*; check its ribbon cable"):
        PicameraCamera(SETTINGS)


def test_without_picamera2_the_line_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "picamera2", None)
    with pytest.raises(CameraFault, match="sudo apt install python3-picamera2"):
        PicameraCamera(SETTINGS)


def test_a_picamera2_that_was_built_for_another_numpy_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "picamera2", raising=False)
    (tmp_path / "picamera2.py").write_text("raise ValueError('numpy.dtype size changed')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(CameraFault, match=r"picamera2, which does not load \(numpy"):
        PicameraCamera(SETTINGS)
