import pytest

from edge import standing
from edge.incidents import Entry, Told
from edge.standing import Standing


@pytest.fixture(autouse=True)
def catalogue(monkeypatch):
    entries = (
        Entry("note", "warning", "w", "w", "r", latch=False),
        Entry("first", "error", "w", "w", "r", latch=False),
        Entry("second", "error", "w", "w", "r", latch=False),
        Entry("jam", "error", "w", "w", "r", latch=True),
    )
    monkeypatch.setattr(standing, "CATALOGUE", {entry.code: entry for entry in entries})


def said(incidents):
    return [(incident.code, incident.state, incident.at_ns) for incident in incidents]


def test_a_warning_is_told_and_sorted_through():
    stands = Standing()
    assert said(stands.raise_("note", 1, {})) == [("note", "raised", 1)]
    assert not stands.held
    assert said(stands.clear("note", 2)) == [("note", "cleared", 2)]


def test_an_error_holds_until_it_clears():
    stands = Standing()
    stands.raise_("first", 1, {})
    assert stands.held
    stands.clear("first", 2)
    assert not stands.held


def test_the_first_fault_wins_and_the_next_takes_its_place():
    stands = Standing()
    for code in ("note", "first", "second"):
        stands.raise_(code, 1, {})
    assert stands.first == "first"
    stands.clear("first", 2)
    assert stands.first == "second"
    stands.clear("second", 3)
    assert stands.first is None


def test_what_is_said_twice_is_told_once_and_told_again_with_new_figures():
    stands = Standing()
    assert len(stands.raise_("note", 1, {"percent": 4.0})) == 1
    assert stands.raise_("note", 2, {"percent": 4.0}) == []
    (again,) = stands.raise_("note", 3, {"percent": 5.0})
    assert again.figures == {"percent": 5.0}
    (cleared,) = stands.clear("note", 4)
    assert cleared.figures == {"percent": 5.0}
    assert stands.clear("note", 5) == []


def test_what_latches_stands_until_somebody_has_looked_after_its_cause_is_gone():
    stands = Standing()
    stands.raise_("jam", 1, {})
    assert stands.looked(2) == []
    assert stands.held
    assert stands.clear("jam", 3) == []
    assert stands.held
    assert said(stands.looked(4)) == [("jam", "cleared", 4)]
    assert not stands.held


def test_what_latches_and_comes_back_before_anybody_has_looked_goes_on():
    stands = Standing()
    stands.hear([Told("jam", True), Told("jam", False), Told("jam", True)], 1)
    assert stands.looked(2) == []
    assert stands.first == "jam"


def test_what_latches_may_be_raised_and_cleared_in_one_breath():
    stands = Standing()
    assert said(stands.hear([Told("jam", True), Told("jam", False)], 1)) == [("jam", "raised", 1)]
    assert stands.held
    assert said(stands.looked(2)) == [("jam", "cleared", 2)]
