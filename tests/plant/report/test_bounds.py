"""Intervals of shares, and bounds on lots that are looked at again and again."""

import numpy as np
import pytest

from plant.report.intervals import binomial_tail, clopper_pearson, weighted_share
from plant.report.lots import least, most


@pytest.mark.parametrize(
    ("hits", "of", "interval"),
    [(5, 100, (0.01643, 0.11283)), (0, 10, (0.0, 0.30850)), (10, 10, (0.69150, 1.0)), (0, 0, (0.0, 1.0))],
)
def test_an_exact_interval_is_the_published_one(hits: int, of: int, interval: tuple[float, float]) -> None:
    assert clopper_pearson(hits, of) == pytest.approx(interval, abs=1e-5)


def test_a_binomial_tail_is_the_sum_of_its_terms() -> None:
    assert binomial_tail(3, 10, 0.2) == pytest.approx(0.3222005, abs=1e-7)
    assert binomial_tail(0, 10, 0.2) == 1.0
    assert binomial_tail(11, 10, 0.2) == 0.0


def test_fruit_count_for_as_many_as_they_stand_for() -> None:
    plain = weighted_share([(True, 0.1)] * 30 + [(False, 0.1)] * 10)
    assert plain == (0.75, clopper_pearson(30, 40), 40.0)
    share, _, size = weighted_share([(True, 0.01)] * 10 + [(False, 0.1)] * 10)
    assert share == pytest.approx(10 / 11)
    assert size < 20


def test_a_lot_that_was_inspected_whole_is_known() -> None:
    assert most(7, 100, 100, 0.05) == least(7, 100, 100, 0.05) == 7


def test_nothing_is_known_of_a_lot_that_nobody_inspected() -> None:
    assert (least(0, 0, 50, 0.05), most(0, 0, 50, 0.05)) == (0, 50)


@pytest.mark.parametrize("bad", [1, 20, 60])
def test_bounds_hold_at_every_look_in_nineteen_lots_of_twenty(bad: int) -> None:
    fruit, wrong, lots = 400, 0, 100
    rng = np.random.default_rng(bad)
    for _ in range(lots):
        found = np.cumsum(rng.permutation(np.arange(fruit) < bad))
        looks = range(20, fruit, 20)
        wrong += any(most(int(found[n - 1]), n, fruit, 0.05) < bad for n in looks)
    assert wrong <= 0.05 * lots + 1.645 * (0.05 * 0.95 * lots) ** 0.5
