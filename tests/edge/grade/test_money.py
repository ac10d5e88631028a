import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.datapath import BELT_END, LABELS, Look, Track
from edge.grade.money import Prices, adjusted, lean
from edge.grade.verdict import Policy, decide
from tests.edge.grade.test_fusion import EVEN, fusion, look, thresholds
from tests.edge.profiles import demo

PRICES = Prices.of(demo(), fusion())
WORTH = demo().money.worth

shares = st.lists(st.floats(0.01, 1), min_size=4, max_size=4).map(lambda v: tuple(x / sum(v) for x in v))


def brings(scores: tuple[float, ...], outlet: str) -> float:
    return sum(score * WORTH[grade][outlet] for score, grade in zip(scores, LABELS, strict=True))


@given(shares)
def test_no_outlet_brings_more_than_the_one_that_is_chosen(scores):
    chosen = PRICES.outlet(scores, 0.0, "red")
    assert all(brings(scores, chosen) >= brings(scores, other) - 1e-12 for other in (*LABELS, BELT_END))


@pytest.mark.parametrize("label", LABELS)
def test_a_fruit_that_is_surely_of_a_grade_goes_to_its_own_outlet(label):
    assert PRICES.outlet(tuple(float(label == name) for name in LABELS), 0.0, label) == label


def test_of_outlets_that_bring_the_same_the_labels_own_is_chosen():
    flat = {grade: dict.fromkeys((*LABELS, BELT_END), 0.1) for grade in LABELS}
    prices = Prices.of(demo(money={"worth": flat}), fusion())
    assert prices.outlet((0.2, 0.3, 0.4, 0.1), 0.0, "red") == "red"


def test_without_worth_or_without_calibrated_chances_nothing_is_priced():
    assert Prices.of(demo(money={"worth": {}}), fusion()) is None
    assert Prices.of(demo(), None) is None


@given(shares, st.lists(st.floats(0.01, 1), min_size=4, max_size=4))
def test_chances_for_another_mix_add_up_and_lean_towards_what_there_is_more_of(scores, ratios):
    there = adjusted(scores, ratios)
    assert math.fsum(there) == pytest.approx(1)
    most = ratios.index(max(ratios))
    assert there[most] >= scores[most] - 1e-9


def test_the_same_mix_changes_nothing():
    assert lean(EVEN, EVEN) == lean({}, EVEN) == (1.0,) * 4


def verdict(*looks: Look, **money):
    policy = Policy.of(demo(money=money), thresholds(), "test@0")
    return decide(Track("r.1", 0, 0, 100.0, 60.0, looks), False, policy, 5)


HALF_SEEN = [look(0.99, 0.25)] * 4
"""Red, and likely enough damaged to lose more in the red outlet than it brings there."""


def test_a_fruit_whose_damage_would_cost_more_than_it_brings_is_doubtful():
    found = verdict(*HALF_SEEN)
    assert (found.label, found.outlet, found.reason) == ("red", BELT_END, "doubtful")


def test_where_damage_is_rare_the_same_fruit_is_worth_its_outlet():
    rare = {"green": 0.3, "turning": 0.3, "red": 0.39, "damaged": 0.01}
    found = verdict(*HALF_SEEN, mix=rare)
    assert (found.outlet, found.reason) == ("red", "graded")


def test_a_fruit_called_damaged_goes_to_the_damaged_whatever_it_would_bring_elsewhere():
    table = {grade: {**WORTH[grade], "red": 99.0} for grade in LABELS}
    found = verdict(*[look(0.99, 0.99)] * 8, worth=table)
    assert (found.label, found.outlet, found.reason) == ("damaged", "damaged", "graded")


@given(shares, st.lists(st.floats(0.05, 1), min_size=4, max_size=4))
def test_where_damaged_fruit_belong_no_sound_outlet_brings_more(scores, mix):
    there = dict(zip(LABELS, (share / sum(mix) for share in mix), strict=True))
    prices = Prices.of(demo(money={"mix": there}), fusion())
    level = prices.damaged_from("damaged")
    sound = [share * (1 - level) / sum(scores[:3]) for share in scores[:3]]
    assert prices.outlet((*sound, level + 1e-9), 0.0, "red") in {"damaged", BELT_END}


def test_where_damage_is_rare_more_of_it_must_show_before_a_fruit_is_called_damaged():
    seen, rare = [look(0.99, 0.8)] * 4, {"green": 0.3, "turning": 0.3, "red": 0.395, "damaged": 0.005}
    assert verdict(*seen).label == "damaged"
    assert verdict(*seen, mix=rare).label == "red"


def test_without_worth_a_label_goes_to_its_own_outlet():
    assert verdict(*HALF_SEEN, worth={}).outlet == "red"
