"""A table of worths is whole, and a mix is one."""

import tomllib
from typing import Any

import pytest

from edge.config import Profile, profile_of
from edge.errors import ProfileFault
from tests.edge.profiles import DEMO_PATH

GOOD = tomllib.loads(DEMO_PATH.read_text(encoding="utf-8"))
WORTH = GOOD["money"]["worth"]
MIX = {"green": 0.1, "turning": 0.2, "red": 0.65, "damaged": 0.05}


def read(**money: Any) -> Profile:
    return profile_of(GOOD | {"money": GOOD["money"] | money}, "line.toml")


@pytest.mark.parametrize(
    ("money", "fault"),
    [
        (
            {"worth": {grade: row for grade, row in WORTH.items() if grade != "red"}},
            "[money.worth] red: missing; every grade has its worth, or none has",
        ),
        (
            {"worth": WORTH | {"red": {k: v for k, v in WORTH["red"].items() if k != "end"}}},
            "[money.worth.red] end: missing; say what a red fruit brings there (it may be below 0)",
        ),
        ({"mix": MIX | {"pear": 0.0}}, "[money.mix] pear: must be one of green, turning, red, damaged"),
        (
            {"mix": {"green": 0.3, "turning": 0.3, "damaged": 0.4}},
            "[money.mix] red: missing; every grade has its share, or none has",
        ),
        ({"mix": MIX | {"red": 0.75}}, "[money] mix: adds up to 1.1: must be 1"),
        ({"people": {"fruit_per_hour": 0, "right": 0.9, "cost_per_hour": 20}}, "above 0"),
    ],
)
def test_money_that_does_not_add_up_is_refused(money: dict[str, Any], fault: str) -> None:
    with pytest.raises(ProfileFault) as caught:
        read(**money)
    (told,) = caught.value.faults
    assert fault in told


def test_no_worth_at_all_a_loss_and_a_mix_are_good() -> None:
    assert read(worth={}).money.worth == {}
    loss = {grade: dict.fromkeys(row, -1.0) for grade, row in WORTH.items()}
    assert read(worth=loss, mix=MIX).money.mix == MIX
