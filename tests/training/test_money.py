import numpy as np
import pytest

from edge.bundle import Thresholds
from edge.datapath import LABELS
from tests.edge.profiles import demo
from tests.training.test_choosing import passages
from training.choosing import choose
from training.money import money_figures

MOSTLY_RED = {"green": 0.1, "turning": 0.1, "red": 0.75, "damaged": 0.05}


@pytest.fixture(scope="module")
def chosen() -> Thresholds:
    return choose(passages(40, 1), 0.005)


def test_where_damage_is_easily_missed_what_ships_brings_more_than_the_likeliest_label(chosen: Thresholds) -> None:
    few_looks = [passage.first(4) for passage in passages(120, 2)]
    found = money_figures(few_looks, demo(), chosen)["fruit"]
    assert found["machine"]["value"] > found["argmax"]["value"]
    assert found["both"]["value"] > found["machine"]["value"]


def test_in_a_plant_with_little_damage_less_is_left_in_doubt(chosen: Thresholds) -> None:
    played = passages(100, 3)
    even, rare = (money_figures(played, demo(money={"mix": mix}), chosen)["fruit"] for mix in ({}, MOSTLY_RED))
    assert rare["left"]["value"] < even["left"]["value"]


def test_people_cost_what_their_hours_cost(chosen: Thresholds) -> None:
    profile = demo()
    found = money_figures(passages(20, 4), profile, chosen)
    people, money = found["ways"]["people"], profile.money
    assert people["people"] == money.fruit_per_hour / money.people.fruit_per_hour
    assert people["per_hour"] == pytest.approx(found["fruit"]["people"]["value"] * money.fruit_per_hour, abs=0.01)
    assert people["per_tonne"] == pytest.approx(
        people["per_hour"] / (money.fruit_per_hour * money.fruit_kg / 1000), abs=0.01
    )


def test_perfect_free_people_bring_what_every_fruit_is_worth_in_its_own_outlet(chosen: Thresholds) -> None:
    free = demo().money.people.model_copy(update={"right": 1.0, "cost_per_hour": 0.0})
    found = money_figures(passages(20, 5), demo(money={"people": free}), chosen)["fruit"]
    worth = demo().money.worth
    assert found["people"]["value"] == pytest.approx(np.mean([worth[grade][grade] for grade in LABELS]), abs=1e-4)
    assert found["people"]["value"] >= max(found[way]["value"] for way in ("machine", "argmax", "both"))


def test_without_people_or_worth_there_is_less_to_compare(chosen: Thresholds) -> None:
    played = passages(5, 6)
    assert set(money_figures(played, demo(money={"people": None}), chosen)["ways"]) == {"machine"}
    assert money_figures(played, demo(money={"worth": {}}), chosen) == {}


def test_a_machine_is_held_to_people_with_its_own_cost_taken_off(chosen: Thresholds) -> None:
    played = passages(20, 7)
    plain, dear = (money_figures(played, demo(money={"cost_per_hour": cost}), chosen)["over"] for cost in (0.0, 1800.0))
    assert plain["people"]["value"] - dear["people"]["value"] == pytest.approx(1800.0 / 18_000.0, abs=2e-4)
    assert plain["argmax"] == dear["argmax"]
    assert plain["people"]["fruit"] == len({one.fruit_key for one in played})
