"""How strange a crop is: 0 for a tomato beyond doubt to 1 for anything else. Pure but for `strangeness_of`.

Two opinions make the score. The head `known` was shown tomatoes and strangers and knows strangers like those. The
distance of the network's features from those of learned tomatoes (to the k-th nearest of their looks, under one shrunk
covariance; Sun et al., "Out-of-distribution detection with deep nearest neighbors", 2022) was shown no stranger, and
sees those that are like nothing learned. `training.strangers` compares it with other methods.
A bundle without a reference has the head's opinion alone.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from edge.errors import BundleFault

if TYPE_CHECKING:
    from edge.bundle import Unknown

Score: TypeAlias = Callable[[float, NDArray[np.int8]], float]
"""From the logit `known` and the int8 features (F,) to `Grades.unknown_score`."""


def unknown_score(known: float) -> float:
    """The head's opinion alone, from its logit."""
    return _sigmoid(-known)


@dataclass(frozen=True, slots=True)
class Reference:
    """What learned tomatoes look like to the network.

    `whiten` float32 (R, F) takes int8 features to R axes along which learned tomatoes of one source vary by 1 and
    independently; `looks` float32 (K, R) are looks at them there, of which the `neighbour`-th nearest counts.
    """

    whiten: NDArray[np.float32]
    looks: NDArray[np.float32]
    neighbour: int = 1
    _squares: NDArray[np.float32] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_squares", np.einsum("kr,kr->k", self.looks, self.looks))

    def distance(self, features: NDArray[np.int8]) -> float:
        """To the `neighbour`-th nearest look, as a root mean square over the axes: below 1 for a tomato like those
        learned."""
        here = self.whiten @ features.astype(np.float32)
        # Less the square of `here`, which all have in common: thousands of looks in one product of a matrix.
        squares = np.partition(self._squares - 2 * (self.looks @ here), self.neighbour - 1)
        return math.sqrt(max(float(squares[self.neighbour - 1] + here @ here), 0.0) / len(here))


@dataclass(frozen=True, slots=True)
class Strangeness:
    """A `Score` of both opinions: a logistic over the logit and the distance, with the manifest's coefficients."""

    reference: Reference
    weights: Unknown

    def __call__(self, known: float, features: NDArray[np.int8]) -> float:
        weights = self.weights
        distance = self.reference.distance(features)
        return _sigmoid(weights.bias - weights.known * known + weights.distance * distance)


def strangeness_of(path: Path, weights: Unknown | None, features: int) -> Score:
    """The score of a bundle whose network gives so many features. `path` is its
    reference, read only where the manifest has `weights` for it. Raises BundleFault."""
    if weights is None:
        return lambda known, _features: unknown_score(known)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as stored:
            reference = _checked(stored)
    except (OSError, EOFError, ValueError, KeyError, BadZipFile) as error:
        raise BundleFault(f"{path}: cannot be read as a reference: {error}; fetch the bundle again") from None
    if reference.whiten.shape[1] != features:
        raise BundleFault(
            f"{path}: a reference for {reference.whiten.shape[1]} features: the network gives {features}; "
            f"train the bundle again"
        )
    return Strangeness(reference, weights)


def _checked(stored: Mapping[str, Any]) -> Reference:
    """Raises ValueError for arrays that cannot be what `Reference` says, KeyError where one is missing."""
    whiten, looks, neighbour = (np.asarray(stored[name]) for name in ("whiten", "looks", "neighbour"))
    if whiten.dtype != np.float32 or looks.dtype != np.float32 or whiten.ndim != 2 or looks.ndim != 2:
        raise ValueError(f"whiten {whiten.dtype} {whiten.shape} and looks {looks.dtype} {looks.shape}")
    if not len(looks) or not len(whiten) or looks.shape[1] != len(whiten):
        raise ValueError(f"looks {looks.shape} do not go with whiten {whiten.shape}")
    if neighbour.shape or not np.issubdtype(neighbour.dtype, np.integer) or not 1 <= neighbour <= len(looks):
        raise ValueError(f"neighbour {neighbour}: must be a whole number from 1 to the {len(looks)} looks")
    if not (np.isfinite(whiten).all() and np.isfinite(looks).all()):
        raise ValueError("a number in it is not finite")
    return Reference(np.ascontiguousarray(whiten), np.ascontiguousarray(looks), int(neighbour))


def _sigmoid(value: float) -> float:
    # Held within what exp can take; beyond it the score is 0 or 1 in any case.
    return 1 / (1 + math.exp(min(max(-value, -60.0), 60.0)))
