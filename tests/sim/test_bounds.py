import pytest

from sim.bounds import upper_95


@pytest.mark.parametrize(
    ("hits", "of", "bound"),
    [
        (0, 10, 0.2589),
        (0, 3000, 0.000998),
        (1, 20, 0.2161),
        (5, 100, 0.1022),
    ],  # scipy.stats.beta.ppf(0.95, k + 1, n - k)
)
def test_the_bound_is_that_of_clopper_and_pearson(hits, of, bound):
    assert upper_95(hits, of) == pytest.approx(bound, rel=1e-3)


def test_nothing_seen_is_nothing_known():
    assert upper_95(0, 0) == 1.0
    assert upper_95(7, 7) == 1.0
