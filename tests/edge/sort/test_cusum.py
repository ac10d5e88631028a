import random

import pytest

from edge.sort.cusum import Late, Share, Shift


def test_six_wrong_events_in_a_row_are_enough_and_five_are_not():
    share = Share()
    assert [share.take(True) for _ in range(6)] == [False] * 5 + [True]


def test_a_share_of_a_half_is_found_within_some_events():
    draw, found = random.Random(1), []
    for _ in range(200):
        share = Share()
        found.append(next(n for n in range(1, 1_000) if share.take(draw.random() < 0.5)))
    assert sum(found) / len(found) < 20
    assert max(found) < 80


@pytest.mark.parametrize("rate", [0.0, 0.02])
def test_a_healthy_share_raises_no_alarm_in_a_hundred_thousand_events(rate):
    draw, share = random.Random(2), Share()
    assert not any(share.take(draw.random() < rate) for _ in range(100_000))


def test_times_that_grow_late_are_found_and_usual_ones_are_not():
    draw, late = random.Random(3), Late()
    assert not any(late.take(draw.gauss(0, 1)) for _ in range(50_000))
    assert next(n for n in range(1, 100) if late.take(draw.gauss(1.5, 1))) < 60


def test_an_outlier_alone_is_no_lateness():
    late = Late()
    assert not any(late.take(1_000.0) for _ in range(4))


def rows(draw, shifted, pitch_sd=1.0):
    """One event's distances from its own row and the other, by whose expectations it truly comes."""
    apart, miss = draw.gauss(0, pitch_sd), draw.gauss(0, 1)
    return (miss + apart, miss + 5.0) if shifted else (miss, miss + 5.0 + apart)


def test_events_that_fit_the_other_row_are_found_and_those_that_fit_their_own_are_not():
    draw, shift = random.Random(4), Shift()
    assert not any(shift.take(*rows(draw, shifted=False)) for _ in range(50_000))
    assert next(n for n in range(1, 1_000) if shift.take(*rows(draw, shifted=True))) < 200


def test_rows_that_differ_by_a_constant_alone_cannot_be_told_apart_and_raise_no_alarm():
    draw, shift = random.Random(5), Shift()
    assert not any(shift.take(*rows(draw, shifted=True, pitch_sd=0.0)) for _ in range(20_000))
