"""A false alarm is as rare as promised, however often one looks; what is worse is seen soon."""

import random
from math import comb, exp, fsum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.sequential import evidence_above, evidence_below, highest_share, is_above

STREAMS, EVENTS, ALPHA = 400, 600, 0.05
MOST_FALSE = 29
"""Of 400 at 5 %: more than so many come with a chance of 2 % (binomial)."""


def alarms(bound: float, share, seed: int = 1) -> int:
    """Streams on which the test, asked after every event, ever says that the share is above the bound."""
    chance, found = random.Random(seed), 0
    for _ in range(STREAMS):
        hits = 0
        for n in range(EVENTS):
            hits += chance.random() < share(n, hits)
            if is_above(hits, n + 1, bound, ALPHA):
                found += 1
                break
    return found


@pytest.mark.slow
@pytest.mark.parametrize("bound", [0.02, 0.1, 0.5])
def test_a_share_at_its_bound_raises_no_more_false_alarms_than_promised(bound: float) -> None:
    assert alarms(bound, lambda n, hits: bound) <= MOST_FALSE


@pytest.mark.slow
def test_an_adversary_who_sees_all_gains_nothing_while_he_keeps_the_bound() -> None:
    """He plays at the bound while he is ahead and rests while he is behind."""
    assert alarms(0.1, lambda n, hits: 0.1 if hits >= 0.1 * n else 0.02) <= MOST_FALSE


@pytest.mark.slow
@pytest.mark.parametrize(("share", "within"), [(0.3, 60), (0.15, 250)])
def test_a_share_that_is_worse_is_seen_soon(share: float, within: int) -> None:
    chance, needed = random.Random(2), []
    for _ in range(50):
        hits = n = 0
        while not is_above(hits, n, 0.05, 0.001) and n < 2_000:
            hits, n = hits + (chance.random() < share), n + 1
        needed.append(n)
    assert sorted(needed)[25] <= within


@given(st.integers(1, 30), st.sampled_from([0.01, 0.1, 0.3, 0.9]))
def test_the_stake_never_grows_on_average_while_the_bound_holds(events: int, bound: float) -> None:
    """Exactly: the mean of the evidence over all outcomes of so many events is 1."""
    mean = fsum(
        comb(events, k) * bound**k * (1 - bound) ** (events - k) * exp(evidence_above(k, events, bound))
        for k in range(events + 1)
    )
    assert mean == pytest.approx(1)


@given(st.integers(0, 500), st.integers(0, 500), st.floats(0.001, 0.999))
def test_more_hits_are_more_evidence(hits: int, misses: int, bound: float) -> None:
    events = hits + misses + 1
    assert evidence_above(hits + 1, events, bound) > evidence_above(hits, events, bound)
    assert evidence_below(hits + 1, events, bound) < evidence_below(hits, events, bound)


@pytest.mark.parametrize(("hits", "events"), [(0, 100), (5, 100), (50, 1_000), (999, 1_000)])
def test_the_highest_share_lies_above_what_was_seen_and_nears_it(hits: int, events: int) -> None:
    highest = highest_share(hits, events, 0.01)
    assert hits / events < highest <= 1
    assert highest_share(10 * hits, 10 * events, 0.01) < highest


def test_of_nothing_nothing_is_known() -> None:
    assert evidence_above(0, 0, 0.1) == 0
    assert highest_share(0, 0, 0.01) == 1
    assert not is_above(10, 10, 1.0, 0.01)
