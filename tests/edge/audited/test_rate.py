import random

import pytest

from edge.audited.estimate import Estimate, Inspected, estimate
from edge.audited.rate import Terms, next_share

TERMS = Terms(least=0.002, most=0.1, width=0.1, cost=0.05)
LABELS = ("red", "green")


def found(reviewed: int, right: float = 0.95, waiting: int = 0) -> Estimate:
    draw = random.Random(3)
    fruit = [
        Inspected(own, 0.02, {own if draw.random() < right else LABELS[n % 2 - 1]: 1})
        for n in range(reviewed)
        for own in (LABELS[n % 2],)
    ]
    return estimate(fruit + [Inspected("red", 0.02, {})] * waiting, LABELS)


def share(of: Estimate, terms: Terms = TERMS, now: float = 0.02, fruit_per_hour: float = 3_000) -> float:
    return next_share(now, of, terms, fruit_per_hour, hours=8)


def test_the_share_is_what_the_widest_interval_needs() -> None:
    few, many = found(300), found(3_000)
    assert share(few) == pytest.approx(share(many), rel=0.4)  # of the machine, not of how much was seen of it
    at = share(many)
    widest = max(i.width for i in (*many.precision.values(), *many.recall.values()))
    assert at * 3_000 * 8 == pytest.approx(3_000 * (widest / 0.1) ** 2, rel=0.01)


def test_a_worse_machine_is_inspected_more() -> None:
    assert share(found(400, right=0.8)) > 2 * share(found(400, right=0.98))


def test_it_stays_within_its_bounds_and_its_money() -> None:
    assert share(found(400, right=0.5), fruit_per_hour=300) == TERMS.most
    assert share(found(400, right=0.99), fruit_per_hour=100_000) == TERMS.least
    dear = Terms(least=0.002, most=0.1, width=0.02, cost=0.5, most_cost_per_hour=15.0)
    assert share(found(400), dear) * 3_000 * 0.5 == pytest.approx(15.0)


def test_while_people_do_not_follow_no_more_are_drawn() -> None:
    wide = Terms(least=0.002, most=0.1, width=0.01)
    assert share(found(100), wide) == 0.1
    assert share(found(100, waiting=200), wide) == 0.02


def test_small_changes_and_empty_hours_change_nothing() -> None:
    of = found(400)
    at = share(of)
    assert share(of, now=at * 1.1) == at * 1.1
    assert share(of, fruit_per_hour=0) == 0.02
    assert share(estimate([], LABELS)) == 0.02
