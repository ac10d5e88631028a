"""A camera that stalls is let go and opened anew."""

import threading

import numpy as np
import pytest

from edge.capture import reopening
from edge.capture.mailbox import FrameSource
from edge.capture.reopening import ReopeningCamera
from edge.datapath import Frame
from edge.errors import CameraFault

MS = 1_000_000
PERIOD_NS = 33 * MS
PIXELS = np.zeros((1, 1, 3), np.uint8)


class Bench:
    """A camera at the end of a cable, in virtual time; `plugged` says when it answers."""

    def __init__(self, plugged=lambda now_ns: True) -> None:
        self.now_ns = 0
        self.plugged = plugged
        self.opened_at_ms: list[int] = []
        self.closed = 0

    def now(self) -> int:
        return self.now_ns

    def rest_until(self, at_ns: int) -> None:
        self.now_ns = max(self.now_ns, at_ns)

    def open(self) -> FrameSource:
        self.opened_at_ms.append(self.now_ns // MS)
        if not self.plugged(self.now_ns):
            raise CameraFault("no camera answers")
        return Camera(self)


class Camera:
    """Numbers its frames from 1 on, as each camera that was just opened does."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.number = bench, 0

    def next_frame(self, deadline_ns: int) -> Frame | None:
        due_ns = (self.bench.now_ns // PERIOD_NS + 1) * PERIOD_NS
        if due_ns > deadline_ns or not self.bench.plugged(due_ns):
            self.bench.rest_until(deadline_ns)
            return None
        self.bench.now_ns = due_ns
        self.number += 1
        return Frame("c", self.number, due_ns, PIXELS)

    def lost(self) -> int:
        return 0

    def close(self) -> None:
        self.bench.closed += 1


def watch(bench: Bench, until_ms: int) -> tuple[list[Frame], ReopeningCamera]:
    camera, frames = ReopeningCamera(bench.open, PERIOD_NS, bench.now, bench.rest_until), []
    while bench.now_ns < until_ms * MS:
        if frame := camera.next_frame(bench.now_ns + 100 * MS):
            frames.append(frame)
    return frames, camera


def test_a_camera_that_is_well_is_opened_once():
    bench = Bench()
    frames, camera = watch(bench, 10_000)
    assert len(frames) == 304
    assert (bench.opened_at_ms, bench.closed, camera.lost()) == ([0], 0, 0)


def test_one_that_was_unplugged_comes_back_after_rests_that_grow_and_its_frames_are_numbered_on():
    bench = Bench(lambda now_ns: not 2_000 * MS < now_ns < 12_000 * MS)
    frames, camera = watch(bench, 20_000)
    rests = [after - before for before, after in zip(bench.opened_at_ms[1:], bench.opened_at_ms[2:], strict=False)]
    assert rests == [500, 1000, 2000, 4000, 8000][: len(rests)]
    assert len(rests) >= 3
    assert frames[-1].exposed_at_ns > 19_900 * MS
    assert [frame.number for frame in frames] == [frame.exposed_at_ns // PERIOD_NS for frame in frames]
    assert camera.lost() == frames[-1].number - len(frames)
    assert bench.closed == 1


def test_a_camera_that_comes_back_is_tried_soon_after_the_next_stall_too():
    bench = Bench(lambda now_ns: now_ns // (5_000 * MS) % 2 == 0)
    watch(bench, 30_000)
    first, second = bench.opened_at_ms[1], next(at for at in bench.opened_at_ms if at > 15_000)
    assert second - 15_000 == pytest.approx(first - 5_000, abs=200)


def test_a_driver_that_raises_is_let_go_and_opened_anew():
    bench = Bench()
    camera = ReopeningCamera(bench.open, PERIOD_NS, bench.now, bench.rest_until)
    assert camera.next_frame(100 * MS)
    camera._source.next_frame = lambda deadline_ns: 1 / 0
    assert camera.next_frame(200 * MS) is None
    assert bench.closed == 1
    frame = None
    while frame is None:
        frame = camera.next_frame(bench.now_ns + 100 * MS)
    assert len(bench.opened_at_ms) == 2


def test_a_camera_that_is_not_there_at_the_start_is_told_of_at_once():
    with pytest.raises(CameraFault, match="no camera answers"):
        ReopeningCamera(Bench(lambda now_ns: False).open, PERIOD_NS)


def test_a_driver_that_hangs_keeps_nobody_waiting(monkeypatch):
    monkeypatch.setattr(reopening, "_DRIVER_S", 0.05)
    bench, gone = Bench(lambda now_ns: now_ns < 1_000 * MS), threading.Event()
    camera = ReopeningCamera(bench.open, PERIOD_NS, bench.now, bench.rest_until)
    assert camera.next_frame(100 * MS)
    camera._source.close = gone.wait
    with pytest.raises(CameraFault, match=r"hangs: it does not let go within 0\.05 s"):
        while True:
            camera.next_frame(bench.now_ns + 100 * MS)
    camera.close()
    gone.set()
