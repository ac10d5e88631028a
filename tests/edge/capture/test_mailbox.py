"""The mailbox between the capture thread and the line."""

import threading

import numpy as np
import pytest

from edge import clock
from edge.capture.mailbox import Mailbox, capture
from edge.datapath import Frame
from edge.errors import CameraFault


def frame(number: int) -> Frame:
    return Frame("test", number, number * 1000, np.zeros((2, 2, 3), np.uint8))


class Roll:
    """A source that gives the frames of a list, then raises."""

    def __init__(self, frames: list[Frame], then: Exception) -> None:
        self.frames = frames
        self.then = then
        self.closed = 0

    def next_frame(self, deadline_ns: int) -> Frame | None:
        if self.frames:
            return self.frames.pop(0)
        raise self.then

    def lost(self) -> int:
        return 7

    def close(self) -> None:
        self.closed += 1


class Silent(Roll):
    def next_frame(self, deadline_ns: int) -> Frame | None:
        return self.frames.pop(0) if self.frames else None


def test_the_newest_frame_wins_and_the_replaced_one_is_counted():
    box = Mailbox()
    box.put(frame(1))
    box.put(frame(2))
    taken = box.take()
    assert taken is not None
    assert taken.number == 2
    assert box.dropped() == 1
    assert box.take() is None


def test_a_frame_taken_in_time_is_not_counted_as_dropped():
    box = Mailbox()
    for number in range(3):
        box.put(frame(number))
        assert box.take() is not None
    assert box.dropped() == 0


def test_a_wait_ends_at_its_deadline_without_a_frame():
    box = Mailbox()
    deadline = clock.now_ns() + 2_000_000
    box.wait(deadline)
    assert clock.now_ns() >= deadline


def test_a_wait_ends_when_a_frame_is_put_by_another_thread():
    box = Mailbox()
    far = clock.now_ns() + 30 * 1_000_000_000
    thread = threading.Thread(target=box.put, args=(frame(1),))
    thread.start()
    box.wait(far)
    thread.join()
    assert clock.now_ns() < far
    assert box.take() is not None


def test_a_fault_is_raised_only_after_the_last_frame_was_taken():
    box = Mailbox()
    box.put(frame(1))
    box.fail(CameraFault("gone"))
    assert box.take() is not None
    with pytest.raises(CameraFault, match="gone"):
        box.take()
    assert box.take() is None


def test_what_the_source_lost_adds_to_what_was_replaced():
    box = Mailbox()
    capture(Roll([frame(1), frame(2)], CameraFault("end")), box, 1, 1, lambda: False)
    assert box.dropped() == 7 + 1


def test_a_driver_that_raises_anything_is_a_camera_fault_and_is_closed_once():
    box = Mailbox()
    source = Roll([], RuntimeError("dma"))
    capture(source, box, 1, 1, lambda: False)
    with pytest.raises(CameraFault, match="dma"):
        box.take()
    assert source.closed == 1


def test_a_camera_that_falls_silent_is_a_fault():
    box = Mailbox()
    capture(Silent([frame(1)], RuntimeError()), box, 0.001, 60, lambda: False)
    assert box.take() is not None
    with pytest.raises(CameraFault, match=r"no frame for 0\.001 s"):
        box.take()


def test_capture_ends_without_a_fault_when_the_line_stops():
    box = Mailbox()
    source = Silent([], RuntimeError())
    capture(source, box, 60, 60, lambda: True)
    assert box.take() is None
    assert source.closed == 1
