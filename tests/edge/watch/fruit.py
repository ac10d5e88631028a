"""Fruit as the watch for decay sees them, drawn from a seed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from edge.config import Profile
from edge.watch.drift import Drift
from edge.watch.observed import Observed
from tests.edge.profiles import demo

FEATURES = 16
BUNDLE = "factory@0123456789ab"
MIX = (0.3, 0.3, 0.3, 0.1)


def watched(**keys: float) -> Profile:
    profile = demo()
    return profile.model_copy(update={"watch": profile.watch.model_copy(update={"reference_fruit": 600, **keys})})


@dataclass(frozen=True, slots=True)
class Season:
    """What comes, and what has befallen the machine. `new`: the share of another cultivar,
    as the network sees it; `hue`: how far off every fruit's colour is."""

    mix: tuple[float, ...] = MIX
    light: float = 0.0
    tint: float = 0.0
    blur: float = 0.0
    doubt: float = 0.0
    new: float = 0.0
    hue: float = 0.0


def fruit(seed: int, season: Season = Season()) -> Iterator[Observed]:  # frozen
    draw, made = random.Random(seed), np.random.default_rng(seed)
    while True:
        grade = draw.choices(range(len(season.mix)), season.mix)[0]
        is_new = draw.random() < season.new
        features = made.normal(20 * grade + (15 * np.resize((1, -1), FEATURES) if is_new else 0), 4, FEATURES)
        yield Observed(
            grade=grade,
            strange=0.01 * draw.random(),
            doubt=min(1.0, abs(draw.gauss(0.03, 0.03)) + season.doubt),
            torn=draw.choice((0.0, 0.0, 0.0, 0.1)),
            detail=draw.gauss(-3.5 + 0.2 * grade, 0.15) - season.blur,
            length_mm=draw.gauss(58, 3),
            colour=made.normal((1.0 + 0.3 * grade, 0.3 + season.hue, -0.5), 0.1),
            belt=(4.8 + season.light + draw.gauss(0, 0.01), -0.5 + season.tint, 0.5 - season.tint),
            features=features.astype(np.float32),
        )


def fed(drift: Drift, seed: int, count: int, season: Season = Season(), bundle: str = BUNDLE) -> list[str]:
    """What was told of `count` fruit: codes, those that cleared with a minus before them."""
    told = []
    for _, one in zip(range(count), fruit(seed, season), strict=False):
        drift.take(one, bundle)
        told += [news.code if news.raised else f"-{news.code}" for news in drift.news()]
    return told


def well(season: Season = Season(), **keys: float) -> Drift:
    """A watch that has learned what is usual."""
    drift = Drift(watched(**keys), BUNDLE)
    assert fed(drift, 1, 600, season) == []
    return drift


__all__ = ["BUNDLE", "MIX", "Season", "fed", "fruit", "replace", "watched", "well"]
