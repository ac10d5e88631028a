from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bundle import Thresholds
from edge.grade.fusion import Judge
from tests.training.test_choosing import passages
from training.choosing import choose
from training.conformal import fewest_fruit, least_chance, outcome, own_chances, promised_row

FRUIT = 40


@pytest.fixture(scope="module")
def chosen() -> Thresholds:
    return choose(passages(FRUIT, 1), 0.005)


@pytest.mark.parametrize(("fruit", "rank"), [(19, 1), (38, 1), (39, 2), (199, 10)])
def test_the_promise_takes_the_rank_that_one_more_fruit_asks_for(fruit: int, rank: int) -> None:
    chances = [n / 1000 for n in range(1, fruit + 1)]
    assert least_chance(chances[::-1]) == rank / 1000


def test_too_few_fruit_promise_nothing() -> None:
    assert least_chance([0.9] * (fewest_fruit() - 1)) is None
    assert least_chance([0.9] * fewest_fruit()) == 0.9


@given(st.integers(19, 300), st.integers(0, 5))
def test_a_fruit_like_the_others_has_its_own_grade_ruled_out_no_more_often_than_promised(fruit: int, seed: int) -> None:
    # Of n + 1 exchangeable chances each is as likely to be the new one: exact, not by simulation.
    chances = np.random.default_rng(seed).random(fruit + 1)
    lost = [chances[n] < (least_chance(np.delete(chances, n).tolist()) or 0.0) for n in range(len(chances))]
    assert np.mean(lost) <= 0.05


def test_a_fruit_counts_once_however_often_it_passed(chosen: Thresholds) -> None:
    played = passages(FRUIT, 1)
    assert {grade: len(found) for grade, found in own_chances(played * 3, Judge.of(chosen)).items()} == dict.fromkeys(
        ("green", "turning", "red", "damaged"), FRUIT
    )


def test_the_promise_holds_on_fresh_fruit_of_every_grade(chosen: Thresholds) -> None:
    assert chosen.fusion is not None
    assert set(chosen.fusion.promised.values()) == {FRUIT}
    judge, fruit = Judge.of(chosen), 300
    fresh = passages(fruit, 2)
    for grade in ("green", "turning", "red", "damaged"):
        found = outcome([one for one in fresh if one.grade == grade], judge)
        # Of one draw of calibration fruit: the promise with what 40 and 300 fruit may be off by.
        assert found["wrong"] <= 0.05 + 2 * sqrt(0.05 * 0.95 * (1 / FRUIT + 1 / fruit))


def test_grades_of_ripeness_with_too_few_fruit_share_their_promise(chosen: Thresholds) -> None:
    few = passages(8, 3)  # eight of each ripeness, 24 together
    assert chosen.fusion is not None
    row = promised_row(chosen.fusion.at[-1], few, Judge.of(chosen))
    assert row.least["green"] == row.least["turning"] == row.least["red"] > 0.05
    assert row.least["damaged"] == 0.05


def test_damage_that_never_faced_the_camera_is_in_no_promise(chosen: Thresholds) -> None:
    unseen = [
        type(one)(*(getattr(one, k) for k in ("source", "fruit", "grade", "fused")), False, one.looks)
        for one in passages(5, 4)
        if one.grade == "damaged"
    ]
    assert own_chances(unseen, Judge.of(chosen)) == {}
    assert outcome(unseen, Judge.of(chosen))["tomatoes"] == 0
