"""The bundle's reference: what learned tomatoes look like to the network, and how far from them is strange.

See `edge.grade.unknown` for the score that the device makes of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from edge.bundle import Preprocessing, Unknown
from edge.grade.litert import LiteRTGrader
from edge.grade.unknown import Reference
from training.augment import LINE, TRAINING, Strength, look
from training.dataset import Picture, by_fruit

_SHRINK = 0.03
"""Of the covariance towards a multiple of the identity: there are few fruit, and whole axes along which none vary."""

_ROUNDING = 1 / 12
"""The variance of a rounded number, in steps: no int8 feature is known better."""

_NEIGHBOUR = 5
"""The nearest look alone may be a stray one: with the first, an onion was as near as a tomato."""

_STRANGE = 4.0
"""The score is one half where both opinions together are so many spreads above a tomato's median, where no stranger
has been seen. A spread is what lies between the median and the 90th percentile."""

_TOMATOES, _STRANGERS = 0.97, 0.10
"""Else it is one half between these quantiles of the two, but no tomato below its own is strange; `_FAR` log-odds are
between one half and either."""

_FAR = 2.0

_ELSEWHERE = Strength(light=0.7, least_light=0.2, outline=0.7, dress=0.0)
"""The tomatoes by which a threshold is set come from other cameras and are of every ripeness: nearly all of the real
ones are red and of two rigs, on which alone a threshold would call a green one from elsewhere strange."""

_LOOKS = 500
"""Of each source of tomatoes."""

Arrays: TypeAlias = Mapping[str, NDArray[Any]]
Seen: TypeAlias = tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.str_]]
"""Logits `known` (n,), features (n, F) and sources (n,) of n looks."""


def strangeness_from(
    grader: LiteRTGrader,
    learned: Sequence[Picture],
    validation: Sequence[Picture],
    spec: Preprocessing,
    seed: int,
) -> tuple[Unknown, Reference]:
    """The manifest's `unknown` and the reference that goes with it: the reference from looks at learned tomatoes, as
    training strays; the weights from looks at tomatoes of validation, as another camera might see them."""
    _, features, sources = looked_at(grader, _known(learned, 1), spec, TRAINING, seed)
    reference = reference_of(features, sources)
    strangers = _known(validation, 0)
    strange = looked_at(grader, strangers, spec, LINE, seed) if strangers else None
    return weights_of(reference, looked_at(grader, _known(validation, 1), spec, _ELSEWHERE, seed), strange), reference


def _known(pictures: Sequence[Picture], known: int) -> list[Picture]:
    """The tomatoes, or the strangers. Damaged tomatoes count as well: they are not strange."""
    return [picture for picture in pictures if picture.known == known]


def looked_at(
    grader: LiteRTGrader, pictures: Sequence[Picture], spec: Preprocessing, strength: Strength, seed: int
) -> Seen:
    """Looks at these pictures, as many of each source, its fruit in turn."""
    rng = np.random.default_rng([seed, 7])
    known, features, sources = [], [], []
    for source in sorted({picture.source for picture in pictures}):
        fruit = list(by_fruit([picture for picture in pictures if picture.source == source]).values())
        for n in range(_LOOKS):
            views = fruit[n % len(fruit)]
            tensor, _ = look(views[int(rng.integers(len(views)))], spec, rng, strength)
            scores, feature = grader.invoke(tensor)
            known.append(grader.logits[int(scores[-1]) + 128])
            features.append(feature)
            sources.append(source)
    return np.array(known), np.stack(features), np.array(sources, np.str_)


def reference_of(features: NDArray[np.int8], sources: NDArray[np.str_]) -> Reference:
    """All looks, under one covariance about the mean of each source, shrunk, a source weighing as much as another."""
    rows, names = features.astype(np.float64), np.unique(sources)
    widths = np.sqrt(rows.var(axis=0) + _ROUNDING)  # features are on scales of their own
    spread = np.zeros((rows.shape[1],) * 2)
    for name in names:
        own = (rows[sources == name] - rows[sources == name].mean(axis=0)) / widths
        spread += own.T @ own / len(own) / len(names)
    spread += np.diag(_ROUNDING / widths**2)
    spread = (1 - _SHRINK) * spread + _SHRINK * np.trace(spread) / len(spread) * np.eye(len(spread))
    lengths, axes = np.linalg.eigh(spread)
    whiten = (axes / np.sqrt(lengths)).T / widths
    return Reference(whiten.astype(np.float32), (rows @ whiten.T).astype(np.float32), min(_NEIGHBOUR, len(rows)))


def weights_of(reference: Reference, seen: Seen, strange: Seen | None = None) -> Unknown:
    """The logistic under which tomatoes that the network has not learned from are not strange: both opinions count in
    spreads of such tomatoes, each source's own at its worst. Strangers that it has not learned either say how far that
    is from strange."""
    sources = seen[2]
    opinions = _opinions(reference, seen)
    middle, width = {}, {}
    for name, values in opinions.items():
        low, high = np.array([np.quantile(values[sources == source], (0.5, 0.9)) for source in np.unique(sources)]).T
        middle[name], width[name] = float(low.max()), max(float((high - low).mean()), 1e-3)

    def spreads(opinions: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.asarray(sum((opinions[name] - middle[name]) / width[name] for name in opinions))

    half, scale = _STRANGE, 1.0
    if strange is not None:
        own = spreads(opinions)
        least = max(float(np.quantile(own[sources == source], _TOMATOES)) for source in np.unique(sources))
        most = float(np.quantile(spreads(_opinions(reference, strange)), _STRANGERS))
        half, scale = max(least, (least + most) / 2), _FAR / max((most - least) / 2, 1.0)
    bias = -scale * (half + sum(middle[name] / width[name] for name in opinions))
    known, distance = (round(scale / width[name], 5) for name in ("known", "distance"))
    return Unknown(known=known, distance=distance, bias=round(bias, 5))


def _opinions(reference: Reference, seen: Seen) -> dict[str, NDArray[np.float64]]:
    return {"known": -seen[0], "distance": np.array([reference.distance(row) for row in seen[1]])}


def arrays_of(reference: Reference) -> Arrays:
    """As `reference.npz` has them."""
    return {"whiten": reference.whiten, "looks": reference.looks, "neighbour": np.array(reference.neighbour)}


def write_reference(path: Path, arrays: Arrays) -> None:
    """Not compressed: random-looking numbers do not get smaller."""
    np.savez(path, allow_pickle=False, **dict(arrays))
