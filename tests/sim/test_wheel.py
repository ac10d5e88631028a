import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.config import Encoder
from sim.motion import Belt, Step
from sim.wheel import Wheel
from tests.sim.worlds import START_NS

S = 1_000_000_000
PROGRAM = (Step(600, 1, 500), Step(0, 2, 500), Step(1_000, 1, 500))


def wheel(slip=0.0, slips_from_mm=0.0, pin_b=21, um=500.0):
    belt = Belt(600, START_NS, PROGRAM)
    return belt, Wheel(Encoder(pin_a=20, pin_b=pin_b, um_per_edge=500), um, ((slips_from_mm, math.inf, slip),), belt)


def test_an_edge_for_each_of_its_distances_at_the_instant_of_it():
    belt, made = wheel()
    edges = list(made.until(START_NS + 3 * S))
    assert len(edges) == int(belt.travel_mm(START_NS + 3 * S) / 0.5)
    for n, edge in enumerate(edges, 1):
        assert belt.travel_mm(edge.at_ns) == pytest.approx(n * 0.5, abs=0.01)


def test_quadrature_shows_one_line_at_a_time_in_turns():
    _, made = wheel()
    edges = list(made.until(START_NS + S // 100))
    assert [(edge.line, edge.level) for edge in edges[:8]] == [(20, 1), (21, 1), (20, 0), (21, 0)] * 2


def test_a_single_line_shows_both_levels_in_turns():
    _, made = wheel(pin_b=None)
    assert [(edge.line, edge.level) for edge in made.until(START_NS + S // 200)][:4] == [(20, 1), (20, 0)] * 2


def test_a_wheel_that_slips_shows_fewer_edges_from_there_on():
    belt, made = wheel(slip=0.05, slips_from_mm=300)
    count = len(list(made.until(START_NS + S)))
    assert belt.travel_mm(START_NS + S) == pytest.approx(600)
    assert count == int((300 + 300 * 0.95) / 0.5 + 1e-6)


@given(st.lists(st.integers(0, 12 * S), max_size=12), st.floats(0, 0.2))
def test_asking_often_shows_the_same_edges_as_asking_once(instants, slip):
    often, once = wheel(slip)[1], wheel(slip)[1]
    found = [edge for after_ns in sorted([*instants, 2 * S]) for edge in often.until(START_NS + after_ns)]
    last_ns = max([*instants, 2 * S])
    wanted = list(once.until(START_NS + last_ns))
    assert [(edge.line, edge.level) for edge in found] == [(edge.line, edge.level) for edge in wanted]
    assert all(abs(a.at_ns - b.at_ns) <= 2 for a, b in zip(found, wanted, strict=True))
    assert all(a.at_ns <= b.at_ns for a, b in pairwise(found))
