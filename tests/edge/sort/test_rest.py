"""How the gate process rests between two steps, in virtual time."""

import pytest

from edge.sort import gates
from edge.sort.gates import AHEAD_NS, SPIN_NS
from edge.sort.punctual import PatientPins
from edge.sort.scheduler import NEVER_NS
from edge.sort.wire import Beat
from tests.edge.sort.fakes import MS, Pins


class Desk:
    """The clock and the pipes of a gate process; `said_at_ns` is when main says something."""

    def __init__(self):
        self.now_ns, self.said_at_ns, self.diary = 0, None, []

    def sleep_until(self, at_ns, spin_ns=0):
        self.now_ns = max(self.now_ns, at_ns)
        return self.now_ns

    def flush(self):
        self.diary.append("flush")

    def wait(self, until_ns):
        self.diary.append("wait")
        heard = self.said_at_ns is not None and self.said_at_ns <= max(until_ns, self.now_ns)
        self.sleep_until(self.said_at_ns if heard else until_ns)
        return heard

    def hear(self):
        return [Beat()]


@pytest.fixture
def desk(monkeypatch):
    desk = Desk()
    monkeypatch.setattr(gates, "now_ns", lambda: desk.now_ns)
    monkeypatch.setattr(gates, "sleep_until", desk.sleep_until)
    return desk


def rest(desk, edge_ns, wake_ns):
    pins = PatientPins(Pins(), lambda: desk.now_ns)
    return *gates._rest(edge_ns, wake_ns, pins, desk), pins.not_before_ns


def test_an_edges_step_begins_ahead_of_it_and_its_line_waits(desk):
    assert rest(desk, 10 * MS, 10 * MS) == ([], 10 * MS, 10 * MS)
    assert desk.now_ns == 10 * MS - AHEAD_NS


def test_a_belt_sample_is_taken_at_its_instant(desk):
    assert rest(desk, NEVER_NS, 10 * MS) == ([], 10 * MS, 10 * MS)
    assert desk.now_ns == 10 * MS


def test_a_belt_sample_just_before_an_edge_waits_for_it(desk):
    _, step_at_ns, _ = rest(desk, 10 * MS, 10 * MS - AHEAD_NS + 1)
    assert step_at_ns == 10 * MS


def test_so_near_an_edge_nothing_is_said_and_nothing_heard(desk):
    desk.said_at_ns = 0
    assert rest(desk, AHEAD_NS - 1, AHEAD_NS - 1) == ([], AHEAD_NS - 1, AHEAD_NS - 1)
    assert desk.diary == []


@pytest.mark.parametrize("edge_ns", [AHEAD_NS, SPIN_NS, 10 * MS, NEVER_NS])
def test_what_main_says_earlier_is_heard_at_once(desk, edge_ns):
    desk.said_at_ns = 0
    assert rest(desk, edge_ns, min(edge_ns, 20 * MS)) == ([Beat()], 0, 0)
    assert desk.diary == ["flush", "wait"]


def test_a_process_that_is_behind_its_samples_still_listens(desk):
    desk.now_ns, desk.said_at_ns = 30 * MS, 0
    heard, _, _ = rest(desk, NEVER_NS, 20 * MS)
    assert heard == [Beat()]
