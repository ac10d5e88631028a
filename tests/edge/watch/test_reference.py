"""What is usual is learned in small, bounded steps."""

import numpy as np

from edge.watch.kernel import FREQUENCIES, Kernel
from edge.watch.reference import Reference
from tests.edge.watch.fruit import BUNDLE, fruit


def test_no_step_of_the_line_works_out_the_middle_of_more_than_500_fruit() -> None:
    for size, by in ((600, 150), (2_000, 500), (1_000_000, 500)):
        reference = Reference(BUNDLE, size)
        for n, one in zip(range(1, by + 1), fruit(1), strict=False):
            assert reference.middle is None
            reference.learn(one)
            assert len(reference._first) == (n if n < by else 0)
        assert reference.middle is not None


def test_the_same_fruit_give_the_same_kernel_and_one_that_tells_near_from_far() -> None:
    features = np.random.RandomState(1).normal(20, 10, (500, 32)).astype(np.float32)
    one, other = Kernel.fitted(features), Kernel.fitted(features.copy())
    assert np.array_equal(one.waves, other.waves)
    assert one.waves.shape == (FREQUENCIES, 32)
    at = features[0]
    near, far = one.map(at) @ one.map(at + 1), one.map(at) @ one.map(at + 40)
    assert near > 0.9
    assert far < 0.5
