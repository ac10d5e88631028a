"""Times of a run that never ends."""

from sim.times import KEPT, Times


def test_a_long_run_keeps_no_more_times_than_a_bounded_many_and_the_extremes_of_all():
    times = Times()
    for ms in (900, *range(100), 7):
        times.append(ms * 1_000_000)
    for _ in range(KEPT):
        times.append(20_000_000)
    assert len(times) == KEPT
    assert times.spread() == {"p50": 20.0, "p99": 20.0, "max": 900.0, "p01": 20.0, "min": 0.0}


def test_the_newest_come_first_and_no_times_have_no_spread():
    times = Times()
    assert set(times.spread().values()) == {None}
    for ns in (3, 1, 2):
        times.append(ns)
    assert times.newest(2) == [2, 1]
    assert times.newest(9) == [2, 1, 3]
    for ns in range(KEPT):
        times.append(ns)
    assert times.newest(3) == [KEPT - 1, KEPT - 2, KEPT - 3]
