"""How often people are right, the machine, and both together, by hand."""

from datetime import timedelta

import pytest

from plant.report.people import Judged, people_told
from plant.report.words import Word
from tests.plant.report.pretend import BEGIN


def _judged(called: str, *said: str, chance: float | None = 0.1) -> Judged:
    """By anna, bo and cy, as far as they spoke."""
    words = tuple(
        Word(who, label, None, BEGIN + timedelta(seconds=n), None)
        for n, (who, label) in enumerate(zip(("anna", "bo", "cy"), said, strict=False))
    )
    return Judged("red" if called == "doubtful" else called, called, chance, words)


def test_a_person_is_held_to_what_two_others_agree_on() -> None:
    """Nine times all agree, once cy is alone: nothing is known of anna and bo then."""
    told = people_told([*[_judged("red", "red", "red", "red")] * 9, _judged("red", "red", "red", "green")])
    assert {who: (one["right"]["value"], one["right"]["fruit"]) for who, one in told["people"].items()} == {
        "anna": (1.0, 9),
        "bo": (1.0, 9),
        "cy": (0.9, 10),
    }
    assert told["right"]["value"] == pytest.approx(27 / 28, abs=1e-4)
    assert told["right"]["interval"][0] < 0.9 < told["right"]["interval"][1]


def test_two_words_on_a_fruit_say_how_far_people_agree_and_not_who_is_right() -> None:
    told = people_told([_judged("red", "red", "green"), _judged("red", "red", "red")])
    assert told["agreement"]["same"]["value"] == 0.5
    assert told["right"]["value"] is told["together"]["value"] is None


def test_the_machine_and_people_are_measured_on_audited_fruit_alone() -> None:
    """Those that are judged because they are doubtful are the hard ones."""
    easy, hard = _judged("red", "red", "red", "red"), _judged("doubtful", "green", "green", "red", chance=None)
    told = people_told([*[easy] * 4, *[hard] * 6])
    assert (told["machine"]["value"], told["machine"]["fruit"]) == (1.0, 4)
    assert told["right"]["value"] == 1.0
    assert told["corrections"] == 6


def test_a_machine_that_gives_its_doubts_to_people_is_right_as_often_as_both() -> None:
    """Of ten audited fruit it sorts seven right, one wrong and doubts two; people are right nine times in ten."""
    told = people_told(
        [
            *[_judged("red", "red", "red", "red")] * 5,
            *[_judged("red", "red")] * 2,
            _judged("red", "green"),
            *[_judged("doubtful", "green", "green", "green")],
            *[_judged("doubtful", "green")],
            *[_judged("red", "red", "red", "green", chance=None)],
        ]
    )
    assert told["machine"]["value"] == 0.7
    assert told["together"]["value"] == 0.9
    nine = [*[_judged("red", "red", "red", "red")] * 3, _judged("doubtful", "red", "red", "green")]
    told = people_told(nine)
    assert told["right"]["value"] == 0.9
    assert told["together"]["value"] == pytest.approx((3 + 0.9) / 4)
    low, high = told["together"]["interval"]
    assert low < told["machine"]["value"] < high


def test_a_share_that_changed_weighs_the_machines_fruit() -> None:
    """One drawn of ten that was wrong stands for ten, four drawn of two that were right for eight."""
    told = people_told([_judged("red", "green", chance=0.1), *[_judged("red", "red", chance=0.5)] * 4])
    assert told["machine"]["value"] == pytest.approx(8 / 18, abs=1e-4)
