"""What a report is of."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edge.errors import UsageFault
from plant.report.asking import Asked, place, preface
from plant.report.selection import lot, lots, shift
from tests.plant.report.pretend import BEGIN, Stamped, event

ROME = ZoneInfo("Europe/Rome")
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)


def _named(at_s: float, name: str) -> Stamped:
    return Stamped(BEGIN + timedelta(seconds=at_s), "r", event(at_s, "lot", about=name, said={"lot": name}))


def test_a_day_is_the_plants_own() -> None:
    (span,) = shift("yesterday", ROME, NOW, {}).spans
    assert span == (datetime(2026, 3, 30, 22, tzinfo=UTC), datetime(2026, 3, 31, 22, tzinfo=UTC))


def test_a_day_on_which_the_clocks_turn_has_its_own_length() -> None:
    (span,) = shift("2026-03-29", ROME, NOW, {}).spans
    assert span[1].astimezone(UTC) - span[0].astimezone(UTC) == timedelta(hours=23)


def test_a_night_shift_ends_on_the_next_day() -> None:
    (span,) = shift("2026-03-31/night", ROME, NOW, {"night": "22:00-06:00"}).spans
    assert [edge.astimezone(ROME).isoformat()[:16] for edge in span] == ["2026-03-31T22:00", "2026-04-01T06:00"]
    assert shift("2026-03-31/22:00-06:00", ROME, NOW, {}).spans == (span,)


@pytest.mark.parametrize("when", ["", "someday", "2026-13-01", "today/late", "today/25:00-26:00"])
def test_what_is_no_shift_is_said_in_one_line(when: str) -> None:
    with pytest.raises(UsageFault, match="--shift") as fault:
        shift(when, ROME, NOW, {"early": "06:00-14:00"})
    assert "\n" not in str(fault.value)


def test_a_lot_goes_from_its_name_to_the_next_and_may_be_gone_on_with() -> None:
    known = lots([_named(10, "a"), _named(20, "b"), _named(30, ""), _named(40, "a")])
    assert [(s - BEGIN).total_seconds() for s, _ in known["a"]] == [10, 40]
    assert lot("a", known, None).holds(BEGIN + timedelta(seconds=15))
    assert not lot("a", known, None).holds(BEGIN + timedelta(seconds=20))
    assert not lot("b", known, None).holds(BEGIN + timedelta(seconds=35))
    assert lot("a", known, None).holds(BEGIN + timedelta(days=3))


def test_a_lot_that_was_not_named_is_a_time_span() -> None:
    with pytest.raises(UsageFault, match="the last are a"):
        lot("z", lots([_named(10, "a")]), None)
    given = Asked(lot="z", since="2026-03-31T06:00", until="2026-03-31T08:00").selection(UTC, NOW, {}, {})
    assert (given.title, given.holds(BEGIN)) == ("z", True)


@pytest.mark.parametrize(
    "asked",
    [Asked(), Asked(shift="today", lot="a"), Asked(shift="today", since="2026-01-01"), Asked(until="2026-01-01")],
)
def test_what_asks_for_nothing_or_for_two_things_is_refused(asked: Asked) -> None:
    with pytest.raises(UsageFault):
        asked.check()


def test_a_zone_that_is_none_is_refused() -> None:
    with pytest.raises(UsageFault, match="Europe/Rome"):
        place("Mars/Olympus")


def test_the_newest_word_of_each_person_counts_and_null_takes_it_back() -> None:
    said = [("anna", "red", 1), ("bo", "green", 2), ("anna", "damaged", 3), ("bo", None, 4)]
    entries = [
        Stamped(BEGIN, "r", event(at, "label", who=who, about="r.1", said={"label": label})) for who, label, at in said
    ]
    words = preface(iter(entries)).words
    assert [(word.who, word.label) for word in words["r.1"]] == [("anna", "damaged")]


def test_a_profile_names_its_shifts_and_standards() -> None:
    said = {"report": {"shifts": {"night": "22:00-06:00"}, "standards": ["unece-1"]}}
    known = preface(iter([Stamped(BEGIN, "r", event(0, "profile", said=said))]))
    assert (known.shifts, known.standards) == ({"night": "22:00-06:00"}, ["unece-1"])
    assert preface(iter([])).standards == ["us-no-1"]
