"""The encoder's wheel, fed by motions that are known in closed form."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sort.wheel import WheelEncoder

S = 1_000_000_000
MS = 1_000_000
UM = 500
FORWARDS = [(0, 1), (1, 1), (0, 0), (1, 0)]


def single(um=UM, shortest_ns=100_000):
    wheel = WheelEncoder(um, False, shortest_ns)
    wheel.start((0, 0))
    return wheel


def quadrature():
    wheel = WheelEncoder(UM, True, 100_000)
    wheel.start((0, 0))
    return wheel


def ramp(wheel, from_mm_s, gain_mm_s2, until_s, at_ns=0):
    """Feed the edges of an even change of speed; returns the instant of the last."""
    n, last_ns = 1, at_ns
    while True:
        s_mm = n * UM / 1000
        root = from_mm_s**2 + 2 * gain_mm_s2 * s_mm
        if root < 0 or (t := 2 * s_mm / (from_mm_s + root**0.5)) > until_s:
            return last_ns
        last_ns = at_ns + round(t * S)
        wheel.edge(last_ns, 0, n % 2)
        n += 1


def test_before_its_first_edge_the_belt_stands_at_zero():
    sample = single().sample(7)
    assert (sample.at_ns, sample.belt_um, sample.speed_um_s) == (7, 0, 0)


@pytest.mark.parametrize("speed", [20, 100, 600, 1_000])
def test_at_an_even_speed_the_speed_is_right_to_a_thousandth(speed):
    wheel = single()
    last_ns = ramp(wheel, speed, 0, 2)
    sample = wheel.sample(last_ns)
    assert abs(sample.speed_um_s - speed * 1000) <= speed
    assert sample.belt_um == pytest.approx(speed * 1000 * last_ns / S, abs=1)


@pytest.mark.parametrize(("from_mm_s", "gain"), [(100, 500), (1_000, -500), (600, 500), (500, -500), (300, 100)])
def test_on_a_ramp_the_speed_does_not_trail_behind(from_mm_s, gain):
    wheel = single()
    last_ns = ramp(wheel, from_mm_s, gain, 0.7)
    truth = from_mm_s + gain * last_ns / S
    assert abs(wheel.sample(last_ns).speed_um_s / 1000 - truth) < 0.01 * truth


def test_levels_of_unequal_length_do_not_shake_the_speed():
    wheel = single()
    for n in range(400):
        wheel.edge(n // 2 * 2 * MS + (n % 2) * 600_000, 0, (n + 1) % 2)
        if n > 100:
            assert abs(wheel.sample(n * MS + MS).speed_um_s - 500_000) <= 500


def test_a_belt_that_ramps_to_a_stop_stands_and_counts_no_further():
    wheel = single()
    last_ns = ramp(wheel, 600, -500, 2)
    slow, standing = wheel.sample(last_ns + 60 * MS), wheel.sample(last_ns + 300 * MS)
    assert 0 < slow.speed_um_s < 15_000
    assert standing.speed_um_s == 0
    assert standing.at_ns == last_ns + 300 * MS
    assert 0 <= standing.belt_um - 360_000 + UM <= 2 * UM


def test_after_a_stop_the_speed_is_that_of_the_new_start_alone():
    wheel = single()
    last_ns = ramp(wheel, 600, -500, 2)
    again_ns = ramp(wheel, 0, 500, 0.4, last_ns + 10 * S)
    assert abs(wheel.sample(again_ns).speed_um_s - 200_000) < 12_000


def test_edges_that_are_only_heard_late_do_not_stop_a_fast_belt():
    wheel = single()
    last_ns = ramp(wheel, 600, 0, 1)
    sample = wheel.sample(last_ns + 150 * MS)
    assert (sample.at_ns, sample.speed_um_s) == (last_ns, pytest.approx(600_000, rel=1e-3))


def test_a_fast_belt_without_edges_for_long_stands():
    wheel = single()
    assert wheel.sample(ramp(wheel, 600, 0, 1) + 400 * MS).speed_um_s == 0


def test_contact_bounce_is_refused():
    clean, bouncing = single(), single()
    for n in range(1, 200):
        at_ns = n * MS
        clean.edge(at_ns, 0, n % 2)
        for k, level in enumerate((n % 2, 1 - n % 2, n % 2, 1 - n % 2, n % 2)):
            bouncing.edge(at_ns + k * 10_000, 0, level)
    assert bouncing.sample(200 * MS) == replace(clean.sample(200 * MS), refused=4 * 199)
    assert clean.refused == 0


def test_an_edge_to_the_level_that_a_line_has_already_counts_nothing():
    wheel = single()
    wheel.edge(MS, 0, 0)
    assert wheel.sample(2 * MS).belt_um == 0


def test_quadrature_counts_back_what_it_counted_forwards():
    wheel = quadrature()
    for n in range(41):
        wheel.edge((n + 1) * MS, *FORWARDS[n % 4])
    forwards = wheel.sample(42 * MS)
    assert (forwards.belt_um, forwards.speed_um_s) == (41 * UM, 500_000)
    for n in range(40, 20, -1):
        channel, level = FORWARDS[n % 4]
        wheel.edge((82 - n + 1) * MS, channel, 1 - level)
    back = wheel.sample(63 * MS)
    assert (back.belt_um, back.speed_um_s) == (21 * UM, -500_000)


def test_a_quadrature_wheel_that_trembles_on_an_edge_goes_nowhere():
    wheel = quadrature()
    for n in range(101):
        wheel.edge((n + 1) * MS, 0, (n + 1) % 2)
    assert wheel.sample(200 * MS).belt_um in (0, UM)


@given(st.lists(st.tuples(st.integers(1, 50 * MS), st.integers(0, 1), st.integers(0, 1)), max_size=80))
def test_whatever_the_lines_do_each_edge_counts_one_at_most_and_a_single_channel_never_goes_back(edges):
    for wheel in (single(), quadrature()):
        at_ns, told_um = 0, 0
        for after_ns, channel, level in edges:
            at_ns += after_ns
            wheel.edge(at_ns, channel if wheel._quadrature else 0, level)
            sample = wheel.sample(at_ns + 1)
            assert abs(sample.belt_um - told_um) <= 2 * UM
            assert sample.at_ns <= at_ns + 1
            if not wheel._quadrature:
                assert sample.belt_um >= told_um
                assert sample.speed_um_s >= 0
            told_um = sample.belt_um
