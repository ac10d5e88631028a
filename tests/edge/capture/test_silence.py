"""How long the camera may say nothing."""

import pytest

from edge.capture.silence import Silence, limit_ns
from tests.edge.profiles import demo

MS = 1_000_000
CAMERA = demo().camera
LIMIT_MS = 100


def steps(
    silence: Silence, from_ms: int, to_ms: int, heard: bool = False, every_ms: int = 10
) -> list[tuple[int, bool]]:
    """(ms, raised) of what is told."""
    told = [(ms, news) for ms in range(from_ms, to_ms, every_ms) for news in silence.news(ms * MS, heard)]
    assert {news.code for _, news in told} <= {"camera_silent"}
    return [(ms, news.raised) for ms, news in told]


@pytest.mark.parametrize(("hz", "asked_ms", "ms"), [(30, None, 100), (10, None, 300), (120, None, 100), (30, 50, 50)])
def test_the_limit_is_three_frame_times_and_no_less_than_100_ms_unless_the_profile_says(hz, asked_ms, ms):
    camera = CAMERA.model_copy(update={"frames_hz": hz, "silent_ms": asked_ms})
    assert limit_ns(camera) == ms * MS


def test_before_the_first_frame_nobody_waits():
    assert steps(Silence(CAMERA), 0, 5_000) == []


def test_a_silence_is_told_once_as_soon_as_it_is_longer_than_the_limit():
    silence = Silence(CAMERA)
    steps(silence, 0, 10, heard=True)
    assert steps(silence, 10, 2_000) == [(LIMIT_MS + 10, True)]


def test_the_line_is_woken_at_the_limit():
    silence = Silence(CAMERA)
    silence.news(0, True)
    wake = silence.wake_ns(0)
    assert wake == LIMIT_MS * MS + 1
    for at_ns in range(20 * MS, wake, 20 * MS):
        assert silence.wake_ns(at_ns) <= wake + 20 * MS
        assert not silence.news(at_ns, False)
    assert silence.news(wake, False)


def test_three_frames_in_time_clear_it_and_one_now_and_then_does_not():
    silence = Silence(CAMERA)
    silence.news(0, True)
    assert steps(silence, 10, 300) == [(110, True)]
    for ms in range(300, 2_000, 200):
        assert steps(silence, ms, ms + 10, heard=True) == []
        assert steps(silence, ms + 10, ms + 200) == []
    assert steps(silence, 2_000, 2_100, heard=True, every_ms=33) == [(2_066, False)]


def test_a_line_that_was_away_does_not_blame_the_camera():
    silence = Silence(CAMERA)
    silence.news(0, True)
    assert steps(silence, 500, 520, every_ms=20) == []
    assert steps(silence, 520, 540, heard=True, every_ms=20) == []
