"""What is drawn for one fruit: its grade, ripeness, shape, skin and the light that it is seen in.

The parts differ: `train` is drawn wider than `held`, around another middle, so that what was learned on the one is
judged on fruit that were not merely drawn again. `varieties` are ripe and sound, and of colours that neither has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.datapath import LABELS, UNKNOWN
from sim.atlas.cultivar import VARIETIES

KINDS = {"train": LABELS, "held": LABELS, "varieties": VARIETIES}
"""The parts of an atlas, and what each is made of: grades, or colours."""

RIPENESS = {"green": (0.0, 0.28), "turning": (0.28, 0.64), "red": (0.60, 1.0)}
"""Ripeness 0 to 1 that each grade is drawn from (colours: `sim.atlas.cultivar`): a continuum."""

HUES_DEG = {"green": (105.0, 180.0), "turning": (57.0, 94.0), "red": (-20.0, 43.0)}
"""What makes the grade: the median Lab hue of the whole skin, whatever the cultivar. Red is about 35, orange 60,
yellow 80, green 120; between two grades lie fruit on which two people would not agree, which are not grown."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the fruit of a part may differ. Each is (low, high) of a uniform draw."""

    saturation: tuple[float, float]
    brightness: tuple[float, float]
    tint: float  # standard deviation of the gain of each colour channel
    gloss: tuple[float, float]
    light: tuple[float, float]  # how hard the light is: 0 a white tent, 1 one lamp
    lamp_tilt_rad: tuple[float, float]
    exposure: tuple[float, float]


SPREADS = {
    "train": Spread((0.85, 1.35), (0.72, 1.15), 0.055, (0.25, 1.0), (0.2, 0.95), (0.0, 1.1), (0.75, 1.5)),
    "held": Spread((0.95, 1.25), (0.80, 1.08), 0.035, (0.35, 0.9), (0.3, 0.8), (0.15, 0.8), (0.88, 1.3)),
}
SPREADS["varieties"] = SPREADS["held"]


@dataclass(frozen=True, slots=True)
class Fruit:
    """One physical fruit before it is painted. `label` is its true grade, `unknown` for a variety that the grades are
    not about; `grade` its ripeness whatever its damage or colour; `shape` and `colour` are its cultivar's
    (`sim.atlas.cultivar`)."""

    label: str
    grade: str
    ripeness: float
    shape: str
    colour: str
    spread: Spread


_SHARES = {"round": 0.4, "beef": 0.2, "plum": 0.15, "heart": 0.1, "cherry": 0.15}
"""How often each shape is grown."""


def generator(seed: int, part: str, kind: str, number: int) -> np.random.Generator:
    """Each skin has random numbers of its own: adding one fruit changes no other."""
    return np.random.default_rng([seed, list(KINDS).index(part), KINDS[part].index(kind), number])


def draw_fruit(rng: np.random.Generator, part: str, kind: str) -> Fruit:
    """A fruit of this grade, or a ripe one of this colour. A damaged one may have any ripeness."""
    if kind in VARIETIES:
        label, grade = UNKNOWN, "red"
    else:
        label, grade = kind, kind if kind in RIPENESS else str(rng.choice(list(RIPENESS)))
    shape = str(rng.choice(list(_SHARES), p=list(_SHARES.values())))
    colour = kind if kind in VARIETIES else str(rng.choice(["red", "pink"], p=[0.8, 0.2]))
    return Fruit(label, grade, float(rng.uniform(*RIPENESS[grade])), shape, colour, SPREADS[part])
