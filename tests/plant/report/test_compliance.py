"""A lot against a grade standard."""

from pathlib import Path

import pytest

from edge.errors import UsageFault
from plant.report.compliance import Count, state
from plant.report.standards import standard

RULES = standard("us-no-1")


def _counts(below: int, serious: int, soft: int, worst: int = 0) -> dict[str, Count]:
    found = {"below-grade": below, "very-serious": serious, "soft-or-decayed": soft}
    return {name: Count(n, n + (worst if name != "below-grade" else 0)) for name, n in found.items()}


def test_a_clean_sample_meets_the_standard_once_it_is_large_enough_for_the_tightest_limit() -> None:
    assert state(RULES, 10_000, 300, _counts(6, 0, 0)).says == "undecided"
    met = state(RULES, 10_000, 500, _counts(10, 0, 0))
    assert met.says == "meets"
    assert (
        met.sentence == "meets U.S. No. 1 tomatoes, defects at the shipping point (7 CFR 51.1861) with 95 % confidence"
    )


def test_a_bad_sample_says_which_limit_is_missed_and_by_how_much() -> None:
    missed = state(RULES, 10_000, 400, _counts(90, 2, 0))
    assert missed.says == "does not meet"
    assert "below the grade" in missed.sentence
    assert missed.limits[0].low > 0.10


def test_an_open_statement_says_how_many_more_would_decide_it() -> None:
    open_ = state(RULES, 10_000, 300, _counts(6, 0, 0))
    assert open_.more is not None
    assert "inspect about" in open_.sentence
    size = 300 + open_.more
    assert state(RULES, 10_000, size, _counts(round(6 * size / 300), 0, 0)).says == "meets"


def test_damage_of_which_nobody_said_how_bad_cannot_meet_a_limit_on_how_bad_it_is() -> None:
    assert state(RULES, 10_000, 500, _counts(10, 0, 0, worst=10)).says == "undecided"


def test_a_lot_of_which_nothing_was_inspected_cannot_be_held_to_anything() -> None:
    none = state(RULES, 10_000, 0, _counts(0, 0, 0))
    assert (none.says, none.more) == ("undecided", None)
    assert "no fruit of it was inspected" in none.sentence


def test_a_standard_counts_what_it_names() -> None:
    below, serious, soft = RULES.limits.values()
    assert below.holds("damaged", None, False) == (True, True)
    assert serious.holds("damaged", None, False) == (False, True)
    assert serious.holds("damaged", "serious", False) == (False, False)
    assert soft.holds("damaged", "decay", False) == (True, True)
    colour = standard("unece-1").limits["colour"]
    assert colour.holds("green", None, True) == (True, True)
    assert colour.holds("damaged", None, True) == (False, False)


def test_a_faulty_standard_names_every_fault(tmp_path: Path) -> None:
    (file := tmp_path / "own.toml").write_text(
        'format = 1\nsays = "x"\n[limits.a]\nsays = "a"\nat_most = 2\ncounts = ["mud"]\n', encoding="utf-8"
    )
    with pytest.raises(UsageFault) as fault:
        standard(str(file))
    assert len(str(fault.value).splitlines()) == 2
    with pytest.raises(UsageFault, match="us-no-1"):
        standard("no-such")
