import pytest

from edge import standing
from edge.incidents import Entry, Told
from edge.incidents_machine import E_STOP
from edge.standing import Standing


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    entries = (
        Entry("note", "warning", "w", "w", "r", latch=False),
        Entry("first", "error", "w", "w", "r", latch=False),
        Entry("second", "error", "w", "w", "r", latch=False),
        Entry("jam", "error", "w", "w", "r", latch=True),
        E_STOP,
    )
    monkeypatch.setattr(standing, "CATALOGUE", {entry.code: entry for entry in entries})


class Rig(Standing):
    def __init__(self):
        self.told, self.holds = [], []
        super().__init__(self.told.append, self.holds.append)

    def news(self):
        """What was told since the last call."""
        told, self.told[:] = list(self.told), []
        return [(incident.code, incident.state, incident.at_ns) for incident in told]


def test_a_warning_is_told_and_sorted_through():
    stands = Rig()
    stands.raise_("note", 1, {})
    assert stands.news() == [("note", "raised", 1)]
    stands.clear("note", 2)
    assert stands.news() == [("note", "cleared", 2)]
    assert stands.holds == []


def test_an_error_holds_until_it_clears():
    stands = Rig()
    stands.raise_("first", 1, {})
    assert stands.held
    stands.clear("first", 2)
    assert not stands.held
    assert stands.holds == [True, False]


def test_the_first_fault_wins_and_the_next_takes_its_place():
    stands = Rig()
    for code in ("note", "first", "second"):
        stands.raise_(code, 1, {})
    assert stands.first == "first"
    stands.clear("first", 2)
    assert stands.first == "second"
    assert stands.holds == [True]
    stands.clear("second", 3)
    assert stands.first is None
    assert stands.holds == [True, False]


def test_what_is_said_twice_is_told_once_and_told_again_with_new_figures():
    stands = Rig()
    for percent in (4.0, 4.0, 5.0):
        stands.raise_("note", 1, {"percent": percent})
    stands.clear("note", 4)
    stands.clear("note", 5)
    assert [(told.state, told.figures) for told in stands.told] == [
        ("raised", {"percent": 4.0}),
        ("raised", {"percent": 5.0}),
        ("cleared", {"percent": 5.0}),
    ]


def test_what_latches_stands_until_somebody_has_looked_after_its_cause_is_gone():
    stands = Rig()
    stands.raise_("jam", 1, {})
    stands.looked(2)
    stands.clear("jam", 3)
    assert stands.held
    assert stands.news() == [("jam", "raised", 1)]
    stands.looked(4)
    assert stands.news() == [("jam", "cleared", 4)]
    assert stands.holds == [True, False]


def test_what_latches_and_comes_back_before_anybody_has_looked_goes_on():
    stands = Rig()
    stands.hear([Told("jam", True), Told("jam", False), Told("jam", True)], 1)
    stands.looked(2)
    assert stands.first == "jam"


def test_what_latches_may_be_raised_and_cleared_in_one_breath():
    stands = Rig()
    stands.hear([Told("jam", True), Told("jam", False)], 1)
    assert stands.held
    stands.looked(2)
    assert stands.news() == [("jam", "raised", 1), ("jam", "cleared", 2)]


def test_whoever_releases_the_emergency_stop_has_looked():
    stands = Rig()
    stands.hear([Told("jam", True), Told("jam", False)], 1)
    stands.stop(True, 2)
    stands.stop(False, 3)
    assert stands.news() == [
        ("jam", "raised", 1),
        ("e_stop", "raised", 2),
        ("e_stop", "cleared", 3),
        ("jam", "cleared", 3),
    ]
    assert stands.holds == [True, False]
