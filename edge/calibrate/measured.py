"""A figure with how surely it is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum, sqrt


@dataclass(frozen=True, slots=True)
class Measured:
    """`sd`: the standard deviation of the figure itself, from the spread of the `n` times that it was measured."""

    value: float
    sd: float
    n: int


def mean(values: Sequence[float]) -> Measured:
    """Of values that were measured alike, at least one."""
    n = len(values)
    middle = fsum(values) / n
    spread = sqrt(fsum((value - middle) ** 2 for value in values) / (n - 1)) if n > 1 else 0.0
    return Measured(middle, spread / sqrt(n), n)


def slope(x: Sequence[float], y: Sequence[float]) -> tuple[float, float, float]:
    """The line through points by least squares, at least two of them apart: its value at the mean of x, its slope, and
    the rms of what is left."""
    n = len(x)
    mean_x, mean_y = fsum(x) / n, fsum(y) / n
    spread = fsum((a - mean_x) ** 2 for a in x)
    gain = fsum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / spread
    left = fsum((b - mean_y - gain * (a - mean_x)) ** 2 for a, b in zip(x, y, strict=True))
    return mean_y, gain, sqrt(left / max(1, n - 2))
