"""Sound skin: its colour from green through turning to ripe, the stem's scar and specks."""

from __future__ import annotations

import numpy as np

from sim.atlas.cultivar import SHAPES, STOPS, colours, shape_radius
from sim.atlas.draw import Fruit
from sim.atlas.surface import (
    COLUMNS,
    DIRECTIONS,
    ROWS,
    Floats,
    Maps,
    angle_to,
    any_direction,
    blend,
    grain,
    noise,
    rgb,
    step,
)

# How much riper one place of a fruit may be than another: the blossom's end leads, the shoulders follow.
_UNEVEN = {"green": 0.04, "turning": 0.16, "red": 0.045}

_STEM = np.array([0, 0, 1], np.float32)


def paint_sound(rng: np.random.Generator, fruit: Fruit) -> Maps:
    """A whole fruit without damage."""
    zero = np.zeros((ROWS, COLUMNS), np.float32)
    gloss = np.full_like(zero, rng.uniform(*fruit.spread.gloss))
    maps = Maps(shape_radius(rng, SHAPES[fruit.shape]), _colour(rng, fruit), gloss, zero)
    _specks(rng, maps)
    _scar(rng, maps)
    if rng.random() < 0.35:
        _dirt(rng, maps)
    blend(maps, step(angle_to(-_STEM), 0.075, 0.035) * np.float32(0.7), rgb(96, 70, 40))
    return maps


def _colour(rng: np.random.Generator, fruit: Fruit) -> Floats:
    uneven = _UNEVEN.get(fruit.grade, 0.05) * rng.uniform(0.2, 1.3)
    ripeness = (
        fruit.ripeness
        - uneven * DIRECTIONS[..., 2]
        + uneven * rng.choice([0.35, 1.0]) * noise(rng, rng.uniform(1.5, 4.0))
    )
    ripeness += 0.012 * noise(rng, 9.0)
    shoulder = step(DIRECTIONS[..., 2], 0.45, 0.95) * np.float32(rng.choice([0, 0, 1]) * rng.uniform(0.3, 1) * uneven)
    ripeness = np.clip(ripeness - shoulder, 0, 1)
    gains = 1 + rng.normal(0, fruit.spread.tint, 3)
    ripens = colours(fruit.colour) * gains
    painted = np.stack([np.interp(ripeness, STOPS, ripens[:, n]) for n in range(3)], axis=-1) / 255
    grey = painted.mean(axis=-1, keepdims=True)
    painted = grey + (painted - grey) * rng.uniform(*fruit.spread.saturation)
    painted *= rng.uniform(*fruit.spread.brightness) * (1 + 0.02 * noise(rng, 6.0)[..., None])
    return np.asarray(np.clip(painted, 0.02, 0.98), np.float32)


def _specks(rng: np.random.Generator, maps: Maps) -> None:
    """Lenticels all over, and a few small marks that any sound fruit carries."""
    maps.colour *= 1 + np.float32(rng.uniform(0.008, 0.022)) * grain(rng)[..., None]
    pale = step(grain(rng), 2.4, 3.2) * np.float32(rng.uniform(0.1, 0.35))
    blend(maps, pale, rgb(225, 205, 150))
    for _ in range(rng.integers(0, 4)):
        mark = step(angle_to(any_direction(rng)), 0.055, 0.02) * np.float32(rng.uniform(0.2, 0.55))
        blend(maps, mark, rgb(130, 96, 58))
    np.clip(maps.colour, 0, 1, out=maps.colour)


def _scar(rng: np.random.Generator, maps: Maps) -> None:
    """The corky disc where the stem came off."""
    angle = angle_to(_STEM) * (1 + 0.12 * noise(rng, 5.0))
    size = rng.uniform(0.10, 0.19)
    blend(maps, step(angle, size * 1.9, size) * np.float32(0.45), rgb(168, 150, 84))
    cork = step(angle, size, size * 0.75)
    shade = rgb(150, 122, 82) * (1 + 0.16 * noise(rng, 22.0)[..., None])
    blend(maps, cork, shade)
    blend(maps, step(angle, size * 0.45, size * 0.25) * np.float32(0.6), rgb(84, 62, 40))
    maps.gloss *= 1 - 0.9 * cork


def _dirt(rng: np.random.Generator, maps: Maps) -> None:
    """Soil and dust in smears and crumbs: it hides skin and hurts none."""
    where = step(angle_to(any_direction(rng)), rng.uniform(0.5, 1.6), 0.2)
    smear = step(noise(rng, 5.0) + 0.6 * noise(rng, 14.0) + 0.35 * grain(rng), 0.9, 2.2) * where
    soil = rgb(*rng.uniform((70, 54, 36), (150, 130, 104)))
    blend(maps, smear * np.float32(rng.uniform(0.25, 0.8)), soil)
    maps.gloss *= 1 - 0.7 * smear
