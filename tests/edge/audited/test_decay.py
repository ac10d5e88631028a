import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.audited.decay import Decay, decay_of

AGREED, PROMISED = 0.93, 0.01


def until_alarm(right: float, seed: int, healthy: int = 0, most: int = 5_000, agreed: float = AGREED) -> int | None:
    """Fruit from the change to the alarm; None where there is none, 0 or less for one before it."""
    draw, test = random.Random(seed), Decay(agreed)
    for n in range(healthy + most):
        test.take(float(draw.random() < (0.96 if n < healthy else right)))
        if test.alarms(PROMISED):
            return n + 1 - healthy
    return None


@given(st.floats(0.02, 0.98), st.lists(st.booleans(), max_size=60))
def test_while_it_is_as_agreed_the_next_fruit_wins_nothing_on_the_mean(agreed, past) -> None:
    test = decay_of([float(right) for right in past], agreed)
    right, wrong = (decay_of([hit], agreed, test).wealth for hit in (1.0, 0.0))
    assert agreed * right + (1 - agreed) * wrong == pytest.approx(test.wealth)
    assert right <= test.wealth <= wrong


@pytest.mark.slow
def test_a_machine_that_is_just_as_good_as_agreed_alarms_no_more_often_than_promised() -> None:
    alarms = sum(until_alarm(AGREED, seed, most=1_500) is not None for seed in range(200))
    assert alarms <= 5  # 2 on the mean


def test_a_machine_that_falls_is_found_soon_even_after_a_long_good_time() -> None:
    for healthy in (0, 2_000):
        found = sorted(until_alarm(0.7, seed, healthy) for seed in range(20))
        assert found[0] > 0
        assert found[10] < (40 if not healthy else 90)


def test_it_says_since_when() -> None:
    draw, test = random.Random(1), Decay(AGREED)
    for n in range(560):
        test.take(float(draw.random() < (0.97 if n < 500 else 0.6)))
    assert 40 <= test.since <= 80
    assert test.right_since / test.since < 0.75


def test_it_goes_on_where_it_was_and_leaves_that_as_it_was() -> None:
    rights = [1.0, 0.0, 0.5] * 30
    first = decay_of(rights[:40], AGREED)
    before = first.wealth
    assert decay_of(rights[40:], AGREED, first) == decay_of(rights, AGREED)
    assert (first.fruit, first.wealth) == (40, before)
