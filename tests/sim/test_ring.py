"""The simulated camera's cable."""

import tempfile
from pathlib import Path

import numpy as np
import pytest

from edge import clock
from sim.ring import SLOTS, FrameRing, RingCamera

S = 1_000_000_000


@pytest.fixture
def cable():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        ring = FrameRing(Path(folder), 8, 6)
        camera = RingCamera(Path(folder), 8, 6)
        yield ring, camera
        camera.close()
        ring.close()


def picture(value: int) -> np.ndarray:
    return np.full((6, 8, 3), value, np.uint8)


def soon() -> int:
    return clock.now_ns() + 5 * S


def test_a_frame_crosses_with_its_number_and_instant(cable):
    ring, camera = cable
    ring.write(5, 123_456, picture(9))
    frame = camera.next_frame(soon())
    assert (frame.number, frame.exposed_at_ns) == (5, 123_456)
    assert frame.pixels.shape == (6, 8, 3)
    assert (frame.pixels == 9).all()


def test_a_frame_once_given_never_changes(cable):
    ring, camera = cable
    ring.write(0, 1, picture(1))
    frame = camera.next_frame(soon())
    for number in range(1, 2 * SLOTS):
        ring.write(number, number, picture(200))
    assert (frame.pixels == 1).all()


def test_the_newest_frame_is_given_and_those_between_are_counted_as_lost(cable):
    ring, camera = cable
    ring.write(0, 1, picture(0))
    camera.next_frame(soon())
    for number in (1, 2, 3):
        ring.write(number, number, picture(number))
    assert camera.next_frame(soon()).number == 3
    assert camera.lost() == 2


def test_without_a_frame_the_deadline_is_kept(cable):
    _, camera = cable
    deadline = clock.now_ns() + 2_000_000
    assert camera.next_frame(deadline) is None
    assert clock.now_ns() >= deadline


def test_a_frame_being_written_is_not_given(cable):
    ring, camera = cable
    ring.write(0, 1, picture(1))
    ring._slots.heads[0][0] += np.uint64(1)
    assert camera.next_frame(clock.now_ns() + 2_000_000) is None


def test_the_world_writes_on_when_the_device_has_gone_and_a_new_one_sees_the_next_frame(cable):
    ring, camera = cable
    camera.close()
    for number in range(40):
        ring.write(number, number, picture(1))
    again = RingCamera(Path(ring._bell_path).parent, 8, 6)
    ring.write(40, 40, picture(2))
    frame = again.next_frame(soon())
    again.close()
    assert frame.number == 40
    assert again.lost() == 0
