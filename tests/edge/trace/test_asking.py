"""What people are asked to judge: by how unsure the bundle is, how new the fruit is and what hangs on it."""

import base64

import numpy as np
import pytest

from edge.trace.asking import rank, stakes, unsure
from tests.edge.profiles import demo
from tests.edge.trace.fruit import a_fruit


def fruit(n, scores, features=(1, 0, 0), **changed):
    packed = base64.b64encode(np.array(features, np.int8).tobytes()).decode()
    return a_fruit(n, scores=scores, features=packed, **changed)[0]


def order(waiting, lately=(), stake=lambda _: 1.0):
    return [one.kept.track_id for one in rank(waiting, lately, 10, stake)]


SURE, TORN = (0.0, 0.02, 0.98, 0.0), (0.0, 0.5, 0.5, 0.0)


def test_the_unsure_come_before_the_sure():
    assert order([fruit(1, SURE, (1, 0, 0)), fruit(2, TORN, (0, 1, 0))]) == ["run.2", "run.1"]


def test_of_two_alike_the_second_waits():
    waiting = [fruit(1, TORN, (9, 0, 0)), fruit(2, TORN, (9, 1, 0)), fruit(3, (0.0, 0.3, 0.7, 0.0), (0, 0, 9))]
    assert order(waiting) == ["run.1", "run.3", "run.2"]


def test_what_is_like_the_fruit_that_were_judged_waits():
    waiting = [fruit(1, TORN, (9, 0, 0)), fruit(2, TORN, (0, 9, 0))]
    assert order(waiting, [fruit(7, SURE, (9, 0, 0))]) == ["run.2", "run.1"]


def test_the_dearer_confusion_is_asked_for_first():
    stake = stakes(demo())
    ripe, rotten = (0.0, 0.5, 0.5, 0.0), (0.0, 0.0, 0.5, 0.5)
    assert stake(rotten) == 1.0 > stake(ripe) > 0
    waiting = [fruit(1, ripe, (9, 0, 0)), fruit(2, rotten, (0, 9, 0))]
    assert order(waiting, stake=stake) == ["run.2", "run.1"]


def test_without_prices_all_are_alike_dear():
    profile = demo(money={"worth": {}})
    assert stakes(profile)(SURE) == stakes(profile)(TORN) == 1.0


def test_one_that_may_be_a_stranger_is_unsure_however_sure_its_grade():
    assert unsure(fruit(1, SURE, unknown_score=0.5)) > 0.9 > unsure(fruit(1, SURE, unknown_score=0.02))


def test_what_is_audited_comes_in_the_order_in_which_it_came_whatever_the_bundle_thinks():
    waiting = [fruit(1, SURE, why="audited"), fruit(2, TORN, why="audited"), fruit(3, TORN, why="flagged")]
    assert order(waiting) == ["run.3", "run.1", "run.2"]


@pytest.mark.parametrize("features", [(), (0, 0, 0)])
def test_fruit_without_features_are_ranked_too(features):
    assert set(order([fruit(1, TORN, features), fruit(2, SURE, (1, 0, 0))])) == {"run.1", "run.2"}


def test_the_choice_is_explained():
    (one,) = rank([fruit(1, TORN)], [], 10, lambda _: 0.25)
    assert one.because == "unsure 50 %, new 100 %, dear 25 %"
