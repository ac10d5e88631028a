"""Which frames may be placed."""

import numpy as np
import pytest

from edge.capture.freshness import OLDEST_NS, Freshness
from edge.datapath import Frame

MS = 1_000_000
PIXELS = np.zeros((1, 1, 3), np.uint8)


def frame(number: int, exposed_ms: float) -> Frame:
    return Frame("c", number, round(exposed_ms * MS), PIXELS)


def test_frames_in_their_order_are_accepted_and_nothing_is_told():
    fresh = Freshness()
    for n in range(1, 100):
        assert fresh.accepts(frame(n, n * 33), (n * 33 + 9) * MS)
        assert fresh.news((n * 33 + 9) * MS) == ()


@pytest.mark.parametrize(
    ("number", "exposed_ms"),
    [(5, 300), (6, 300), (6, 267), (5, 333), (4, 333), (6, 343)],
    ids=["the same again", "an old stamp", "an older stamp", "the same number", "an older number", "from the future"],
)
def test_a_frame_that_is_not_after_the_last_is_refused(number: int, exposed_ms: float):
    fresh = Freshness()
    assert fresh.accepts(frame(5, 300), 309 * MS)
    assert not fresh.accepts(frame(number, exposed_ms), 342 * MS)
    assert fresh.accepts(frame(7, 366), 375 * MS)


def test_a_frame_that_waited_in_a_queue_is_refused():
    fresh = Freshness()
    assert not fresh.accepts(frame(1, 100), 100 * MS + OLDEST_NS + 1)
    assert fresh.accepts(frame(1, 100), 100 * MS + OLDEST_NS)


def test_a_refusal_is_told_once_and_cleared_when_none_was_for_a_second():
    fresh = Freshness()
    fresh.accepts(frame(1, 0), 9 * MS)
    for ms in (20, 40):
        assert not fresh.accepts(frame(1, 0), ms * MS)
    (told,) = fresh.news(40 * MS)
    assert (told.code, told.raised, told.figures) == ("stale_frames", True, {"refused": 2})
    assert fresh.news(1039 * MS) == ()
    (told,) = fresh.news(1040 * MS)
    assert not told.raised
