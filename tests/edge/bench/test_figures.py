from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.figures import percentile, percentile_ratio, ratio_with_interval

times = st.lists(st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=2, max_size=30)


@given(times)
def test_the_interval_holds_the_ratio_and_repeats(blocks: list[tuple[float, float]]) -> None:
    ours, floor = zip(*blocks, strict=True)
    ratio, (low, high) = ratio_with_interval(ours, floor)
    assert low <= ratio <= high
    assert ratio_with_interval(ours, floor) == (ratio, (low, high))


def test_a_machine_that_slows_down_slows_both() -> None:
    floor = [1.0 + n for n in range(20)]
    ratio, (low, high) = ratio_with_interval([1.3 * ms for ms in floor], floor)
    assert (ratio, low, high) == pytest.approx((1.3, 1.3, 1.3))


def test_one_disturbed_block_hardly_moves_the_ratio() -> None:
    ratio, (_, high) = ratio_with_interval([1.2] * 29 + [50.0], [1.0] * 30)
    assert ratio == pytest.approx(1.2)
    assert high < 1.3


def test_a_percentile_is_one_of_the_times() -> None:
    assert [percentile(range(1, 101), fraction) for fraction in (0.5, 0.99, 1)] == [50, 99, 100]


@given(st.lists(st.tuples(*[st.lists(st.integers(1, 10**9), min_size=1, max_size=9)] * 2), min_size=2, max_size=6))
def test_the_ratio_of_percentiles_is_that_of_all_times_and_repeats(blocks: list[tuple[list[int], list[int]]]) -> None:
    ours, floor = zip(*blocks, strict=True)
    ratio, (low, high) = percentile_ratio(ours, floor, 0.99)
    assert ratio == percentile([*chain(*ours)], 0.99) / percentile([*chain(*floor)], 0.99)
    assert 0 < low <= high
    assert percentile_ratio(ours, floor, 0.99) == (ratio, (low, high))


def test_blocks_that_slow_both_down_do_not_widen_the_interval() -> None:
    floor = [[n * 1_000 + k for k in range(100)] for n in range(1, 9)]
    ours = [[2 * time for time in block] for block in floor]
    assert percentile_ratio(ours, floor, 0.99) == (2.0, (2.0, 2.0))
