"""Frames that never came."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.losses import Holes, Losses
from edge.capture.mailbox import Mailbox
from edge.datapath import Frame

FRAME_NS = 33_333_333
PIXELS = np.zeros((1, 1, 3), np.uint8)


def frame(number: int, slot: int, lost: int = 0) -> Frame:
    return Frame("c", number, slot * FRAME_NS, PIXELS, lost)


@given(st.lists(st.tuples(st.integers(1, 5), st.booleans(), st.floats(-0.3, 0.3)), max_size=50))
def test_every_hole_is_counted_once_whether_or_not_the_numbers_show_it(gaps):
    holes, slot, number, missing = Holes(FRAME_NS), 10, 10, 0
    holes.count(frame(number, slot))
    for gap, numbered, jitter in gaps:
        slot, number, missing = slot + gap, number + (gap if numbered else 1), missing + gap - 1
        assert holes.count(Frame("c", number, round((slot + jitter / 2) * FRAME_NS), PIXELS)) == missing


def test_a_frame_that_is_given_again_shows_no_hole():
    holes = Holes(FRAME_NS)
    for number, slot in [(1, 1), (2, 2), (2, 2), (1, 1), (3, 3)]:
        assert holes.count(frame(number, slot)) == 0


def test_the_mailbox_counts_them_and_its_frames_carry_the_number_on():
    box = Mailbox(FRAME_NS)
    box.put(frame(1, 1))
    box.put(frame(2, 4))
    taken = box.take()
    assert taken is not None
    assert taken.lost == 2
    assert box.dropped() == 2 + 1


def told(losses: Losses, lost_of: int, frames: int, number: int = 0, lost: int = 0) -> list[bool]:
    """Take frames of which every `lost_of`th has one hole before it; whether each word was raised."""
    said = []
    for n in range(number, number + frames):
        lost += n % lost_of == 0
        said += [one.raised for one in losses.news(frame(n, n, lost))]
    return said


def test_a_sustained_share_is_told_within_two_seconds_and_cleared_when_all_come():
    losses = Losses(3)
    assert told(losses, 1_000, 60) == []
    assert told(losses, 3, 60, 60, 1) == [True]
    assert told(losses, 1_000, 90, 121, 21) == [False]


@pytest.mark.parametrize("lost_of", [12, 40])
def test_a_frame_lost_now_and_then_is_nothing_to_tell(lost_of: int):
    assert told(Losses(3), lost_of, 5_000) == []


def test_a_burst_is_not_sustained_and_a_silence_is_another_incident():
    losses = Losses(3)
    said = [one for n in range(300) for one in losses.news(frame(n, n, 2 * min(n, 6)))]
    said += [one for n in range(300, 900) for one in losses.news(frame(n, n, 12 + 45 * (n // 20)))]
    assert said == []
