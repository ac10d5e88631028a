"""Statistics of a measurement beside its floor: medians and percentiles, and how sure they are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Times = Sequence[float] | Sequence[int] | NDArray[np.float64] | NDArray[np.int64]


def ratio_with_interval(measured: Sequence[float], floor: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """The median of the blocks' ratios and its 95 % interval, by bootstrap over whole blocks: within a block times
    depend on each other (clock, caches, neighbours), blocks that follow one another in turn hardly do.

    `measured` and `floor` hold one figure a block, taken side by side. Deterministic for its input.
    """
    ratios = np.asarray(measured) / np.asarray(floor)
    drawn = np.random.default_rng(0).integers(len(ratios), size=(2_000, len(ratios)))
    low, high = np.quantile(np.median(ratios[drawn], axis=1), (0.025, 0.975))
    return float(np.median(ratios)), (float(low), float(high))


def percentile(times: Times, fraction: float) -> float:
    """The smallest of the times that is not exceeded by `fraction` of them."""
    return float(np.quantile(times, fraction, method="inverted_cdf"))


def percentile_ratio(
    measured: Sequence[Times], floor: Sequence[Times], fraction: float
) -> tuple[float, tuple[float, float]]:
    """The ratio of the two sides' percentiles, each over all of its blocks, and its 95 % interval, by bootstrap over
    pairs of blocks that followed one another.

    `measured` and `floor` hold a list of times a block, in turn, above 0. Deterministic for its input.
    """
    pairs = [(np.asarray(ours), np.asarray(bare)) for ours, bare in zip(measured, floor, strict=True)]

    def ratio(chosen: Sequence[int] | NDArray[np.int64]) -> float:
        ours, bare = (np.concatenate([pairs[n][side] for n in chosen]) for side in (0, 1))
        return percentile(ours, fraction) / percentile(bare, fraction)

    drawn = np.random.default_rng(0).integers(len(pairs), size=(1_000, len(pairs)))
    low, high = np.quantile([ratio(chosen) for chosen in drawn], (0.025, 0.975))
    return ratio(range(len(pairs))), (float(low), float(high))
