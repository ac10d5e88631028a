"""Statistics of a measurement beside its floor: medians, and how sure they are."""

from collections.abc import Sequence

import numpy as np


def ratio_with_interval(measured: Sequence[float], floor: Sequence[float]) -> tuple[float, tuple[float, float]]:
    """The median of the blocks' ratios and its 95 % interval, by bootstrap over whole blocks: within a block times
    depend on each other (clock, caches, neighbours), blocks that follow one another in turn hardly do.

    `measured` and `floor` hold one figure a block, taken side by side. Deterministic for its input.
    """
    ratios = np.asarray(measured) / np.asarray(floor)
    drawn = np.random.default_rng(0).integers(len(ratios), size=(2_000, len(ratios)))
    low, high = np.quantile(np.median(ratios[drawn], axis=1), (0.025, 0.975))
    return float(np.median(ratios)), (float(low), float(high))
