"""Features against those of the reference: a maximum mean discrepancy in random Fourier features, as a stream.

Rahimi and Recht, "Random features for large-scale kernel machines" (2007): the mean of `map` over fruit of one grade
stands for their whole distribution. The streaming test bets on the direction in which the fruit before this one have
left the reference (Shekhar and Ramdas, "Nonparametric two-sample testing by betting", 2021): while nothing has changed
no direction known beforehand pays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FREQUENCIES = 64
_SEED = 8
_PAIRS = 500
_LEAST_SD = 1.0
"""In steps of int8: a feature that never moved would otherwise shout at its first step."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """A Gaussian kernel over features, each in its own standard deviations. `middle` (F,); `waves` float32
    (FREQUENCIES, F), the deviations already in it."""

    middle: NDArray[np.float32]
    waves: NDArray[np.float32]

    @classmethod
    def fitted(cls, features: NDArray[np.float32]) -> Kernel:
        """To fruit that are well, float32 (N, F). As wide as half their median distance. A step of the line waits for
        it, so it must stay a millisecond's work: no loop over features or fruit."""
        middle = features.mean(0)
        sd = np.maximum(features.std(0), _LEAST_SD)
        draw = np.random.RandomState(_SEED)  # the one whose numbers are promised to stay the same (NEP 19)
        pairs = draw.randint(len(features), size=(_PAIRS, 2))
        apart = np.linalg.norm((features[pairs[:, 0]] - features[pairs[:, 1]]) / sd, axis=1)
        width = max(1e-3, float(np.median(apart)) / 2)
        waves = draw.standard_normal((FREQUENCIES, features.shape[1])) / (sd * width)
        return cls(middle.astype(np.float32), waves.astype(np.float32))

    def map(self, features: NDArray[np.float32]) -> Floats:
        """A fruit's random features, float64 (2 * FREQUENCIES,), of length 1."""
        at = self.waves @ (features - self.middle)
        found: Floats = np.concatenate((np.cos(at), np.sin(at))).astype(np.float64)
        found *= FREQUENCIES**-0.5
        return found


class Witness:
    """The direction in which the last fruit have left the reference."""

    __slots__ = ("direction",)

    _SMOOTH = 1 / 150

    def __init__(self, direction: Floats | None = None) -> None:
        self.direction = np.zeros(2 * FREQUENCIES) if direction is None else direction

    def take(self, apart: Floats) -> float:
        """How far one more fruit lies in that direction, before it is counted to it; `apart` is its random features
        less the reference's mean."""
        length = float(np.sqrt(self.direction @ self.direction))
        pays = float(apart @ self.direction) / length if length else 0.0
        self.direction += self._SMOOTH * (apart - self.direction)
        return pays
