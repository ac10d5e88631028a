"""Levels now, and edges by stamp for the truth that runs behind."""

from hypothesis import given
from hypothesis import strategies as st

from sim.lines import Lines
from sim.wires import Edge, Lost

RELEASED = {17: 0, 18: 1}


def test_the_lines_are_known_once_a_hand_holds_every_one():
    lines = Lines(RELEASED)
    lines.hear(Edge(1, 17, 0))
    assert not lines.known
    lines.hear(Edge(1, 18, 1))
    assert lines.known
    assert lines.all_released


def test_a_lost_connection_drops_every_line_to_its_pull_at_once():
    lines = Lines(RELEASED)
    lines.hear(Edge(1, 17, 1))
    lines.hear(Edge(1, 18, 0))
    assert not lines.all_released
    lines.hear(Lost(9))
    assert lines.all_released
    assert not lines.known


def test_a_line_without_a_gate_is_none_of_the_worlds():
    lines = Lines(RELEASED)
    lines.hear(Edge(1, 4, 1))
    assert list(lines.settle(10)) == []


def test_edges_are_given_in_the_order_of_their_stamps_however_they_arrive():
    lines = Lines(RELEASED)
    for at_ns in (30, 10, 20):
        lines.hear(Edge(at_ns, 17, at_ns % 20 == 0))
    assert [at_ns for at_ns, _ in lines.settle(25)] == [10, 20]
    assert [at_ns for at_ns, _ in lines.settle(30)] == [30]


def test_an_edge_that_comes_after_the_truth_has_passed_it_is_counted_and_applied_now():
    lines = Lines(RELEASED)
    assert list(lines.settle(100)) == []
    lines.hear(Edge(50, 17, 1))
    assert lines.late == 1
    assert list(lines.settle(200)) == [(101, Edge(50, 17, 1))]


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 50))))
def test_the_truth_is_never_told_of_the_past(steps):
    lines = Lines(RELEASED)
    seen, settled = [], 0
    for at_ns, ahead in steps:
        lines.hear(Edge(at_ns, 17, 1))
        settled += ahead
        seen += [at for at, _ in lines.settle(settled)]
    assert seen == sorted(seen)
