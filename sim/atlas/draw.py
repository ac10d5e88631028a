"""What is drawn for one fruit: its grade, ripeness, shape, skin and the light that it is seen in.

The two parts differ: `train` is drawn wider than `held`, around another middle, so that what was learned on the one
is judged on fruit that were not merely drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.datapath import LABELS

PARTS = ("train", "held")

RIPENESS = {"green": (0.02, 0.20), "turning": (0.36, 0.61), "red": (0.78, 1.0)}
"""Ripeness 0 to 1 of each grade: a continuum inside, a margin between (colours: `sim.atlas.skin`)."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the fruit of a part may differ. Each is (low, high) of a uniform draw."""

    flatness: tuple[float, float]  # height over breadth
    saturation: tuple[float, float]
    brightness: tuple[float, float]
    tint: float  # standard deviation of the gain of each colour channel
    gloss: tuple[float, float]
    light: tuple[float, float]  # how hard the light is: 0 a white tent, 1 one lamp
    lamp_tilt_rad: tuple[float, float]
    exposure: tuple[float, float]


SPREADS = {
    "train": Spread((0.74, 1.24), (0.72, 1.12), (0.72, 1.15), 0.055, (0.25, 1.0), (0.2, 0.9), (0.0, 1.0), (0.75, 1.2)),
    "held": Spread(
        (0.78, 1.12), (0.82, 1.08), (0.80, 1.08), 0.035, (0.35, 0.9), (0.3, 0.75), (0.15, 0.75), (0.88, 1.1)
    ),
}


@dataclass(frozen=True, slots=True)
class Fruit:
    """One physical fruit before it is painted. `label` is its true grade, `grade` its ripeness whatever its damage."""

    label: str
    grade: str
    ripeness: float
    spread: Spread


def generator(seed: int, part: str, label: str, number: int) -> np.random.Generator:
    """Each skin has random numbers of its own: adding one fruit changes no other."""
    return np.random.default_rng([seed, PARTS.index(part), LABELS.index(label), number])


def draw_fruit(rng: np.random.Generator, part: str, label: str) -> Fruit:
    """A fruit with this true grade. A damaged one may have any ripeness."""
    grade = label if label in RIPENESS else str(rng.choice(list(RIPENESS)))
    return Fruit(label, grade, float(rng.uniform(*RIPENESS[grade])), SPREADS[part])
