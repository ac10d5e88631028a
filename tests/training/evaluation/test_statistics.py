import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.evaluation import statistics
from training.evaluation.statistics import figure

RANKED = st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40)


def even(statistic: statistics.Statistic, n: int) -> float:
    return float(statistic(np.ones((1, n)))[0])


def test_an_interval_stands_on_physical_fruit_not_on_looks() -> None:
    one = figure(["turntable/Tomato_8"] * 300, statistics.share([True] * 300))
    assert one == {"value": 1.0, "interval": None, "fruit": 1, "n": 300}
    hits = [n % 4 > 0 for n in range(40)]
    many = figure([f"ageing/{n}" for n in range(40)], statistics.share(hits))
    again = figure([f"ageing/{n}" for n in range(40)] * 10, statistics.share(hits * 10))
    assert many["interval"][0] < 0.75 < many["interval"][1]
    assert again["interval"] == pytest.approx(many["interval"], abs=0.01)
    assert (again["fruit"], again["n"]) == (40, 400)


def test_what_cannot_be_said_is_none_not_nought() -> None:
    assert figure([], statistics.share([]))["value"] is None
    assert figure(["a", "b"], statistics.ratio([True, True], [False, False]))["value"] is None
    assert figure(["a"], statistics.auroc([0.5], [True]))["value"] is None


@given(RANKED)
def test_auroc_is_the_share_of_pairs_in_order(rows: list[tuple[int, bool]]) -> None:
    scores, are = [float(score) for score, _ in rows], [is_one for _, is_one in rows]
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a, is_a in zip(scores, are, strict=True)
        if is_a
        for b, is_b in zip(scores, are, strict=True)
        if not is_b
    ]
    found = even(statistics.auroc(scores, are), len(rows))
    if pairs:
        assert found == pytest.approx(np.mean(pairs))
    else:
        assert np.isnan(found)


@given(RANKED)
def test_average_precision_sums_precision_at_each_gain_of_recall(rows: list[tuple[int, bool]]) -> None:
    scores, are = np.array([score for score, _ in rows], float), np.array([is_one for _, is_one in rows])
    if not are.any():
        return
    area, before = 0.0, 0.0
    for threshold in sorted(set(scores.tolist()), reverse=True):
        called = scores >= threshold
        recall = (called & are).sum() / are.sum()
        area += (recall - before) * (called & are).sum() / called.sum()
        before = recall
    assert even(statistics.average_precision(scores.tolist(), are.tolist()), len(rows)) == pytest.approx(area)


@given(RANKED, st.integers(2, 4))
def test_a_fruit_drawn_twice_weighs_as_two(rows: list[tuple[int, bool]], times: int) -> None:
    scores, are = [float(score) for score, _ in rows], [is_one for _, is_one in rows]
    for make in (statistics.auroc, statistics.average_precision):
        weighed = float(make(scores, are)(np.full((1, len(rows)), float(times)))[0])
        repeated = even(make(scores * times, are * times), times * len(rows))
        assert weighed == pytest.approx(repeated, nan_ok=True)


def test_recall_is_the_most_that_the_precision_allows() -> None:
    scores, are = [0.9, 0.8, 0.7, 0.6, 0.5], [True, True, False, True, True]
    assert even(statistics.recall_at(1.0, scores, are), 5) == 0.5
    assert even(statistics.recall_at(0.8, scores, are), 5) == 1.0
    assert even(statistics.recall_at(0.95, [0.9, 0.1], [False, True]), 2) == 0.0


def test_strangers_pass_where_so_many_tomatoes_pass() -> None:
    tomatoes, strangers = [n / 100 for n in range(20)], [0.05, 0.5, 0.9, 0.95]
    strange = [False] * 20 + [True] * 4
    assert even(statistics.passed_at(0.95, tomatoes + strangers, strange), 24) == 0.25
    assert even(statistics.passed_at(0.95, [0.1] * 20 + [0.9] * 4, strange), 24) == 0.0


def test_a_rare_class_weighs_as_much_as_a_common_one() -> None:
    hits = np.array([True] * 90 + [False] * 10)
    assert even(statistics.balanced(hits, ["red"] * 90 + ["green"] * 10), 100) == 0.5


def test_f1_is_the_harmonic_mean() -> None:
    called, are = np.array([1, 1, 1, 0], bool), np.array([1, 1, 0, 1], bool)
    assert even(statistics.f1(called & are, called, are), 4) == pytest.approx(2 / 3)
