import random

from hypothesis import given, settings
from hypothesis import strategies as st

from sim.gates import Gate
from sim.truth import GateTruth

MS = 1_000_000


def gate(open_ms: float = 15, close_ms: float = 15, sd_ms: float = 0) -> Gate:
    return Gate(GateTruth("g", 0, "red", 640, open_ms * MS, close_ms * MS, sd_ms * MS, random.Random(1)))


def test_a_gate_is_open_after_its_true_delay_and_no_sooner():
    g = gate(open_ms=20, close_ms=10)
    g.command(True, 100 * MS)
    g.command(False, 200 * MS)
    assert g.open_ns(0, 1_000 * MS) == 90 * MS
    assert g.open_ns(0, 120 * MS) == 0
    assert g.open_ns(119 * MS, 121 * MS) == 1 * MS


def test_a_pulse_too_short_for_the_gate_does_not_move_it():
    g = gate(open_ms=20, close_ms=5)
    g.command(True, 100 * MS)
    g.command(False, 110 * MS)
    assert g.open_ns(0, 1_000 * MS) == 0


def test_a_gate_that_opens_again_before_it_has_shut_stays_open():
    g = gate(open_ms=5)
    for at_ms, level in ((100, True), (150, False), (155, True), (200, False)):
        g.command(level, at_ms * MS)
    assert g.open_ns(0, 1_000 * MS) == 110 * MS


def test_a_level_that_the_line_has_already_is_no_edge():
    g = gate()
    for at_ms, level in ((90, False), (100, True), (110, True), (150, False), (160, False)):
        g.command(level, at_ms * MS)
    assert g.open_ns(0, 1_000 * MS) == 50 * MS


def test_a_gate_never_shut_is_open_until_now():
    g = gate()
    g.command(True, 100 * MS)
    assert g.open_ns(100 * MS, 300 * MS) == 185 * MS


def test_a_gate_takes_a_fruit_only_when_half_of_its_middle_part_meets_it_open():
    g = gate()
    g.command(True, 100 * MS)
    g.command(False, 200 * MS)
    assert g.takes(100 * MS, 130 * MS)
    assert not g.takes(99 * MS, 130 * MS)
    assert g.takes(200 * MS, 230 * MS)
    assert not g.takes(201 * MS, 231 * MS)


def test_what_is_forgotten_changes_nothing_for_the_fruit_that_still_come():
    g = gate()
    for n in range(100):
        g.command(True, (1_000 * n + 100) * MS)
        g.command(False, (1_000 * n + 200) * MS)
    before = g.open_ns(90_000 * MS, 100_000 * MS)
    g.forget(90_000 * MS)
    assert g.open_ns(90_000 * MS, 100_000 * MS) == before == 1_000 * MS


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.booleans()), max_size=40), st.floats(0, 8))
def test_a_gate_is_never_open_before_its_first_command_nor_longer_than_time_passes(commands, sd_ms):
    g, at_ms = gate(sd_ms=sd_ms), 100
    for after_ms, level in commands:
        at_ms += after_ms
        g.command(level, at_ms * MS)
    assert g.open_ns(0, 100 * MS) == 0
    assert 0 <= g.open_ns(0, 10_000 * MS) <= 9_900 * MS
    halves = g.open_ns(0, 700 * MS) + g.open_ns(700 * MS, 10_000 * MS)
    assert halves == g.open_ns(0, 10_000 * MS)
