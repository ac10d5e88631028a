"""Cultivars: the shapes that tomatoes come in, and the colour that each ripens to.

The grades are about red and pink fruit; orange, yellow and maroon ones are the varieties that such a machine has not
been taught.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sim.atlas.surface import DIRECTIONS, Floats, angle_to, noise

Range = tuple[float, float]
Rgb = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Cultivar:
    """`flatness`: height over breadth. `lobes`: ribs round the stem, and their depth. `taper`: how much narrower the
    blossom's end is than the shoulders. `dimple`: depth of the hollow at the stem."""

    name: str
    flatness: Range
    lobes: tuple[int, int]
    depth: Range
    taper: Range
    dimple: Range


SHAPES = {
    shape.name: shape
    for shape in (
        Cultivar("round", (0.82, 0.98), (4, 7), (0.0, 0.02), (0.0, 0.05), (0.04, 0.12)),
        Cultivar("beef", (0.62, 0.80), (5, 10), (0.03, 0.11), (0.0, 0.06), (0.08, 0.20)),
        Cultivar("plum", (1.15, 1.65), (3, 5), (0.0, 0.02), (-0.05, 0.15), (0.02, 0.06)),
        Cultivar("heart", (0.95, 1.15), (3, 6), (0.0, 0.05), (0.25, 0.45), (0.08, 0.16)),
        Cultivar("cherry", (0.92, 1.06), (3, 4), (0.0, 0.01), (0.0, 0.04), (0.01, 0.05)),
    )
}

STOPS = np.array([0.0, 0.12, 0.24, 0.36, 0.48, 0.60, 0.72, 0.84, 1.0])
"""Ripeness of the colours below: mature green, pale, breaking, yellow, orange, deep orange, light red, red, deep
red."""

_GREEN: tuple[Rgb, ...] = ((66, 104, 44), (104, 138, 62), (152, 170, 88))
_COLOURS: dict[str, tuple[Rgb, ...]] = {
    "red": (*_GREEN, (205, 182, 84), (224, 158, 60), (222, 118, 46), (214, 72, 38), (196, 40, 32), (152, 20, 26)),
    "pink": (*_GREEN, (208, 184, 112), (220, 162, 104), (216, 126, 96), (206, 84, 82), (190, 52, 66), (158, 34, 54)),
    "orange": (*_GREEN, (206, 186, 84), (226, 172, 62), (228, 152, 44), (226, 134, 34), (222, 118, 28), (208, 98, 22)),
    "yellow": (*_GREEN, (204, 188, 88), (218, 192, 76), (226, 190, 60), (230, 186, 48), (228, 178, 38), (216, 162, 28)),
    "maroon": (*_GREEN, (150, 140, 76), (150, 112, 64), (138, 78, 54), (122, 52, 46), (100, 36, 40), (76, 24, 32)),
}
VARIETIES = ("orange", "yellow", "maroon")


def colours(name: str) -> Floats:
    """The skin's sRGB colours 0 to 255 at `STOPS` (9, 3)."""
    return np.array(_COLOURS[name], np.float32)


def shape_radius(rng: np.random.Generator, shape: Cultivar) -> Floats:
    """A spheroid with a hollow at the stem, ribs on its shoulders, a taper and slow irregularities."""
    x, y, z = DIRECTIONS[..., 0], DIRECTIONS[..., 1], DIRECTIONS[..., 2]
    flatness, breadth = rng.uniform(*shape.flatness), rng.uniform(0.94, 1.0)
    narrow = 1 - rng.uniform(*shape.taper) * np.clip(-z, 0, 1) ** 1.5
    radius = ((x / narrow) ** 2 + (y / breadth / narrow) ** 2 + (z / flatness) ** 2) ** -0.5
    ribs, turn = rng.integers(*shape.lobes), np.arctan2(y, x)
    depth = rng.uniform(*shape.depth)
    radius *= 1 + depth * np.cos(ribs * turn + rng.uniform(0, 6)) * np.clip(0.4 + z, 0, 1) * (1 - z**2)
    width = rng.uniform(0.25, 0.45)
    hollow = np.exp(-((angle_to(np.array([0, 0, 1], np.float32)) / width) ** 2))
    radius *= 1 - rng.uniform(*shape.dimple) * hollow
    radius *= 1 + 0.012 * noise(rng, 2.0)
    return np.asarray(radius, np.float32)
