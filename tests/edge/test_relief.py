"""A throttled computer asks for a slower belt by what it knows of itself, and before it is late."""

from edge.derating import Measured
from edge.relief import Relief
from tests.edge.profiles import demo

S = 1_000_000_000
MS = 1_000_000
BUSY = Measured(0, 0, 20 * MS, 8 * MS)
"""Throttled it can look at (0.8 - 4.02 x 0.04) / (3 x 0.016) = 13.3 fruit a second, at the profile's speed."""


def asked(relief, fruit_per_s, throttled, from_s, to_s):
    return {relief.step(at_s * S, throttled, at_s * fruit_per_s) for at_s in range(from_s, to_s)}


def test_more_fruit_than_a_throttled_computer_can_look_at_ask_for_a_slower_belt_at_once():
    relief = Relief(demo(), BUSY)
    assert asked(relief, 14, False, 0, 5) == {False}
    assert asked(relief, 14, True, 5, 8) == {True}


def test_a_slower_belt_is_asked_for_until_the_computer_is_well_though_it_brings_fewer_fruit():
    relief = Relief(demo(), BUSY)
    asked(relief, 14, False, 0, 5)
    assert asked(relief, 14, True, 5, 6) == {True}
    assert asked(relief, 7, True, 10, 20) == {True}
    assert asked(relief, 7, False, 20, 21) == {False}
    assert asked(relief, 7, True, 21, 30) == {False}


def test_fewer_fruit_ask_for_nothing():
    assert asked(Relief(demo(), BUSY), 13, True, 0, 10) == {False}


def test_a_speed_that_a_throttled_computer_cannot_hold_is_asked_to_be_less_without_any_fruit():
    relief = Relief(demo(), Measured(0, 0, 70 * MS, 2 * MS))
    assert asked(relief, 0, False, 0, 2) == {False}
    assert asked(relief, 0, True, 2, 3) == {True}


def test_a_computer_that_was_not_measured_asks_for_nothing():
    assert asked(Relief(demo(), None), 1_000, True, 0, 5) == {False}
