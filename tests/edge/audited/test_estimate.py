"""Precision, recall and accuracy from inspected fruit: without bias, and honest about what nobody has looked at."""

import random
from math import asin, comb, pi, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.audited.estimate import Inspected, called, estimate, right_part
from edge.audited.intervals import Hit, beta, between, share_of

GRADES = ("red", "green")


def fruit(as_: str, truth: str | None, chance: float = 0.02) -> Inspected:
    return Inspected(as_, chance, {truth: 1} if truth else {})


@given(st.integers(1, 60), st.integers(1, 60), st.floats(0.001, 0.999))
def test_the_beta_function_is_the_tail_of_the_binomial(a, b, x) -> None:
    n = a + b - 1
    tail = sum(comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
    assert beta(a, b, x) == pytest.approx(tail, rel=1e-8)


@given(st.floats(1e-4, 0.9999))
def test_the_beta_function_takes_halves_too(x) -> None:
    assert beta(0.5, 0.5, x) == pytest.approx(2 / pi * asin(sqrt(x)), rel=1e-8)  # the arcsine law


@given(st.integers(0, 300), st.integers(1, 300))
def test_an_interval_holds_its_share_and_is_its_own_mirror(hits, of) -> None:
    hits = min(hits, of)
    low, high = between(float(hits), float(of))
    assert 0 <= low <= hits / of <= high <= 1
    mirrored = between(float(of - hits), float(of))
    assert (1 - high, 1 - low) == pytest.approx(mirrored, abs=1e-6)


def test_none_wrong_of_many_is_no_certainty() -> None:
    low, high = between(60.0, 60.0)
    assert high == 1.0
    assert low == pytest.approx(0.05 ** (1 / 60), abs=1e-6)  # half of what was found counts


@pytest.mark.slow
@pytest.mark.parametrize("truth", [0.7, 0.95, 0.99])
def test_an_interval_covers_the_truth_as_often_as_it_says_though_the_chance_changes(truth) -> None:
    """While the chance is high the machine is worse: an unweighted share would be far off."""
    draw, times, covered, plain = random.Random(5), 400, 0, 0.0
    parts = ((4_000, 0.01, truth), (1_000, 0.08, 2 * truth - 1 if truth > 0.9 else truth - 0.2))
    whole = sum(n * share for n, _, share in parts) / sum(n for n, _, _ in parts)
    for _ in range(times):
        hits = [
            Hit(draw.random() < share, chance) for n, chance, share in parts for _ in range(n) if draw.random() < chance
        ]
        found = share_of(hits)
        covered += found.low <= whole <= found.high
        plain += sum(hit.is_so for hit in hits) / len(hits) / times
    assert covered / times >= 0.93
    assert plain < whole - 0.2 * (1 - whole)


def test_nothing_inspected_is_nothing_known() -> None:
    found = estimate([fruit("red", None)], GRADES)
    assert (found.accuracy.value, found.accuracy.low, found.accuracy.high) == (None, 0.0, 1.0)
    assert (found.drawn, found.reviewed, found.skipped, found.worst) == (1, 0, 0, None)


def test_precision_and_recall_are_of_their_own_grade() -> None:
    inspected = [fruit("red", "red")] * 6 + [fruit("red", "green")] * 2 + [fruit("green", "green")] * 2
    found = estimate([*inspected, fruit("doubtful", "red"), fruit("doubtful", "unknown")], GRADES)
    assert found.precision["red"].value == pytest.approx(6 / 8)
    assert found.recall["red"].value == pytest.approx(6 / 7)
    assert found.recall["green"].value == pytest.approx(2 / 4)
    assert found.accuracy.value == pytest.approx(9 / 12)
    assert (found.precision["red"].inspected, found.recall["red"].inspected) == (8, 7)


def test_whom_people_do_not_agree_on_counts_in_parts() -> None:
    torn = Inspected("red", 0.02, {"red": 1, "green": 1})
    found = estimate([torn, fruit("red", "red")], GRADES)
    assert found.precision["red"].value == pytest.approx(0.75)
    assert (found.disputed, right_part(torn)) == (1, 0.5)


def test_what_was_passed_over_is_counted_and_what_waits_at_the_end_is_not() -> None:
    found = estimate([fruit("red", "red"), fruit("red", None), fruit("red", "red"), fruit("red", None)], GRADES)
    assert (found.reviewed, found.skipped) == (2, 1)
    assert (found.accuracy.value, found.worst, found.best) == (1.0, pytest.approx(2 / 3), 1.0)


def test_a_fruit_is_called_by_what_would_have_become_of_it() -> None:
    assert [called("red", reason) for reason in ("graded", "doubtful", "unknown")] == ["red", "doubtful", "unknown"]
