"""The lamps over a fruit, what comes from all round, and what the belt throws back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.atlas.draw import Spread
from sim.atlas.surface import Floats


@dataclass(frozen=True, slots=True)
class Light:
    """`lamps` (n, 5): unit vector to a lamp, its share of the light and its width. `soft` comes from all round;
    `warm`: the light's colour, RGB; `below`: what the belt throws back, RGB."""

    lamps: Floats
    soft: float
    warm: Floats
    below: Floats
    exposure: float


def draw_light(rng: np.random.Generator, spread: Spread) -> Light:
    """One to three lamps above the belt."""
    hard = rng.uniform(*spread.light)
    count = rng.integers(1, 4)
    tilt, turn = rng.uniform(*spread.lamp_tilt_rad, count), rng.uniform(0, 2 * np.pi, count)
    share = rng.uniform(0.5, 1.0, count)
    share *= hard / share.sum()
    width = rng.uniform(0.4, 3.0, count)
    lamps = np.stack([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt), share, width], axis=1)
    warm = 1 + rng.normal(0, 0.02, 3)
    below = rng.uniform(0.02, 0.35) * (1 + rng.normal(0, 0.25, 3))
    return Light(
        lamps.astype(np.float32),
        1 - 0.65 * hard,
        warm.astype(np.float32),
        np.clip(below, 0, 0.6).astype(np.float32),
        rng.uniform(*spread.exposure),
    )
