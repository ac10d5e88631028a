"""What the self-test's figures allow: the rule, in figures that can be worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.derating import Measured, allowance
from tests.edge.profiles import demo

MS = 1_000_000
DEMO = demo()
QUICK = Measured(MS // 100, MS // 10, 4 * MS, MS)

times = st.integers(0, 500 * MS)
measured = st.builds(Measured, times, times, times, times)


def test_a_quick_computer_holds_the_profile():
    found = allowance(DEMO, QUICK)
    assert (found.speed_mm_s, found.why, found.holds) == (600, "", True)
    # 3 frames of each fruit in 448 mm at 600 mm/s: 4.02 Hz of 4 ms. What is left of 0.8 is for 3 looks each of 1 ms.
    assert found.fruit_per_s == pytest.approx((0.8 - 4.018 * 0.004) / 0.003, rel=1e-3)


def test_late_wake_ups_slow_the_belt_until_they_are_within_late_mm():
    found = allowance(DEMO, Measured(MS, 20 * MS, 4 * MS, MS))
    assert found.speed_mm_s == pytest.approx(6 / 0.020)
    assert found.why == "the gate process wakes 20 ms late and [sort] late_mm = 6"
    assert found.holds


def test_one_bad_moment_never_condemns_a_computer_and_a_late_median_does():
    assert allowance(DEMO, Measured(MS, 400 * MS, 4 * MS, MS)).holds
    assert not allowance(DEMO, Measured(60 * MS, 60 * MS, 4 * MS, MS)).holds


def test_slow_perception_slows_the_belt_until_the_gates_are_far_enough():
    found = allowance(DEMO, Measured(0, 0, 150 * MS, 25 * MS))
    # two steps of 200 ms before the first gate: 640 - 448 - 25 mm in 400 + 15 ms
    assert found.speed_mm_s == pytest.approx(167 / 0.415)
    assert found.why == "a picture's fruit are decided 400 ms later and [sort] latency_budget_ms = 150"


def test_perception_within_the_latency_budget_costs_no_speed():
    assert allowance(DEMO, Measured(0, 0, 70 * MS, 2 * MS)).speed_mm_s == 600


def test_each_fruit_gets_its_fewest_looks():
    many = DEMO.model_copy(update={"grade": DEMO.grade.model_copy(update={"fewest_looks": 10})})
    found = allowance(many, Measured(0, 0, 64 * MS, 5 * MS))
    assert found.speed_mm_s == pytest.approx(0.8 * 448 / (10 * 0.074))
    assert found.why == "a frame takes 74 ms and [grade] fewest_looks = 10"


def test_what_was_not_measured_bounds_nothing():
    found = allowance(DEMO, Measured(0, 0, 0, 0))
    assert (found.speed_mm_s, found.fruit_per_s, found.holds) == (600, None, True)


@given(measured)
def test_throttling_never_allows_more(found: Measured):
    cool, hot = allowance(DEMO, found), allowance(DEMO, found.throttled())
    assert hot.speed_mm_s <= cool.speed_mm_s <= 600
    assert hot.holds <= cool.holds


@given(measured)
def test_what_is_allowed_is_never_nothing_for_a_machine_that_holds(found: Measured):
    allowed = allowance(DEMO, found)
    assert allowed.speed_mm_s > 0
    assert allowed.fruit_per_s is None or allowed.fruit_per_s > 0
    assert (allowed.why == "") == (allowed.speed_mm_s == 600)
