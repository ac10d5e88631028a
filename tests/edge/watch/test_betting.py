import numpy as np
import pytest

from edge.watch.betting import Bets, limit


def crosses(draws, at: float) -> int | None:
    bets = Bets(1)
    return next((n for n, x in enumerate(draws) if bets.take(np.array([x])) >= at), None)


def test_alarms_on_what_is_at_its_limit_come_no_more_often_than_promised():
    draw, at, fruit, runs = np.random.default_rng(1), 300.0, 60, 200
    alarms = sum(crosses(draw.exponential(1.0, fruit), at) is not None for _ in range(runs))
    promised = runs * fruit / at
    assert 0 < alarms <= promised + 2 * promised**0.5


def test_what_lies_above_its_limit_is_found_and_more_so_the_further_it_lies():
    draw = np.random.default_rng(1)
    found = [crosses(draw.exponential(mean, 5_000), 1e7) for mean in (1.3, 2.0, 4.0)]
    assert None not in found
    assert found == sorted(found, reverse=True)


def test_what_is_not_measured_neither_wins_nor_loses():
    bets = Bets(2)
    bets.take(np.array([2.0, 2.0]))
    before = bets.wealth.copy()
    bets.take(np.array([np.nan, 2.0]))
    assert (bets.wealth[0] == before[0]).all()
    assert (bets.wealth[1] > before[1]).all()


def test_the_limit_is_a_weeks_fruit_for_each_false_alarm():
    assert limit(6e6, 1.0) == pytest.approx(6e6)
    assert limit(6e6, 0.1) == pytest.approx(6e7)
