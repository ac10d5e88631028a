import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.bench.figures import ratio_with_interval

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
