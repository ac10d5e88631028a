"""One set of claims for every source of frames: the Pi's camera, USB cameras, one that is opened anew, files, and the
simulated machine's ring."""

import sys
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge import clock
from edge.capture.files import FilesCamera
from edge.capture.mailbox import FrameSource
from edge.capture.opening import open_camera
from edge.capture.picamera import PicameraCamera
from edge.capture.usb import UsbCamera
from edge.datapath import Frame
from sim.ring import FrameRing, RingCamera
from tests.edge.capture.fake_picamera2 import Sensor, fake_module
from tests.edge.capture.fake_video import Video
from tests.edge.profiles import demo

SETTINGS = demo().camera.model_copy(update={"width_px": 160, "height_px": 120, "frames_hz": 100})
PERIOD_NS = 10_000_000


def picamera(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[FrameSource]:
    patch.setitem(sys.modules, "picamera2", fake_module(Sensor(period_ns=PERIOD_NS)))
    yield PicameraCamera(SETTINGS)


def reopening(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[FrameSource]:
    """The Pi's camera as a machine has it."""
    patch.setitem(sys.modules, "picamera2", fake_module(Sensor(period_ns=PERIOD_NS)))
    yield open_camera(SETTINGS, None)


def usb(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[FrameSource]:
    yield UsbCamera(0, SETTINGS, lambda number: Video(period_ns=PERIOD_NS))


def files(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[FrameSource]:
    for n in range(3):
        cv2.imwrite(str(folder / f"{n}.png"), np.full((120, 160, 3), (n, 100, 200), np.uint8))
    yield FilesCamera(folder, SETTINGS)


def ring(folder: Path, patch: pytest.MonkeyPatch) -> Iterator[FrameSource]:
    """The world's end writes a frame a period, in a thread as it would in its own process."""
    written = FrameRing(folder, 160, 120)
    stopping = threading.Event()

    def expose() -> None:
        number, due_ns = 0, clock.now_ns()
        while not stopping.is_set():
            number, due_ns = number + 1, due_ns + PERIOD_NS
            clock.sleep_until(due_ns)
            written.write(number, due_ns, np.full((120, 160, 3), number % 256, np.uint8))

    source = RingCamera(folder, 160, 120)
    world = threading.Thread(target=expose)
    world.start()
    yield source
    stopping.set()
    world.join()
    written.close()


@pytest.fixture(params=[picamera, reopening, usb, files, ring], ids=lambda make: make.__name__)
def source(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FrameSource]:
    made: Callable[[Path, pytest.MonkeyPatch], Iterator[FrameSource]] = request.param
    lifetime = made(tmp_path, monkeypatch)
    frames = next(lifetime)
    yield frames
    frames.close()
    next(lifetime, None)


def take(source: FrameSource, count: int) -> list[Frame]:
    frames = [source.next_frame(clock.now_ns() + 2_000_000_000) for _ in range(count)]
    return [frame for frame in frames if frame]


def test_numbers_and_exposures_grow(source: FrameSource) -> None:
    frames = take(source, 4)
    assert len(frames) == 4
    for before, after in pairwise(frames):
        assert after.number > before.number
        assert after.exposed_at_ns > before.exposed_at_ns


def test_numbers_count_the_frames_that_were_lost(source: FrameSource) -> None:
    (first,) = take(source, 1)
    lost_before = source.lost()
    clock.sleep_until(clock.now_ns() + 5 * PERIOD_NS)
    frames = [first, *take(source, 3)]
    assert frames[-1].number - first.number == len(frames) - 1 + source.lost() - lost_before


def test_a_frame_was_exposed_before_it_is_given(source: FrameSource) -> None:
    for _ in range(3):
        (frame,) = take(source, 1)
        assert 0 <= clock.now_ns() - frame.exposed_at_ns < 2_000_000_000


def test_pixels_are_rows_of_red_green_blue_and_stay_as_they_are(source: FrameSource) -> None:
    (frame,) = take(source, 1)
    assert (frame.pixels.shape, frame.pixels.dtype) == ((120, 160, 3), np.uint8)
    before = frame.pixels.copy()
    take(source, 5)
    assert (frame.pixels == before).all()


def test_nobody_waits_beyond_the_deadline(source: FrameSource) -> None:
    take(source, 1)
    assert source.next_frame(clock.now_ns()) is None
