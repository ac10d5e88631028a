"""Bounds on lots that are looked at again and again."""

import numpy as np
import pytest

from plant.report.lots import least, most


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
