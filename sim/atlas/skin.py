"""Sound skin: the fruit's shape, its colour from green through turning to red, stem, calyx and specks."""

from __future__ import annotations

import numpy as np

from sim.atlas.draw import Fruit, Spread
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

# Ripeness to the skin's colour in sRGB: mature green, pale, breaking, orange, red, deep red.
_STOPS = np.array([0.0, 0.12, 0.24, 0.36, 0.48, 0.60, 0.72, 0.84, 1.0])
_COLOURS = np.array(
    [
        (66, 104, 44),
        (104, 138, 62),
        (152, 170, 88),
        (205, 182, 84),
        (224, 158, 60),
        (222, 118, 46),
        (214, 72, 38),
        (196, 40, 32),
        (152, 20, 26),
    ]
)
# How much riper one place of a fruit may be than another: the blossom's end leads, the shoulders follow.
_UNEVEN = {"green": 0.03, "turning": 0.11, "red": 0.035}

_STEM = np.array([0, 0, 1], np.float32)


def paint_sound(rng: np.random.Generator, fruit: Fruit) -> Maps:
    """A whole fruit without damage."""
    zero = np.zeros((ROWS, COLUMNS), np.float32)
    gloss = np.full_like(zero, rng.uniform(*fruit.spread.gloss))
    maps = Maps(_radius(rng, fruit.spread), _colour(rng, fruit), gloss, zero)
    _specks(rng, maps)
    (_calyx if rng.random() < 0.35 else _scar)(rng, maps)
    blend(maps, step(angle_to(-_STEM), 0.075, 0.035) * np.float32(0.7), rgb(96, 70, 40))
    return maps


def _radius(rng: np.random.Generator, spread: Spread) -> Floats:
    """A spheroid with a dimple at the stem, lobes on its shoulders and slow irregularities."""
    x, y, z = DIRECTIONS[..., 0], DIRECTIONS[..., 1], DIRECTIONS[..., 2]
    flatness = rng.uniform(*spread.flatness)
    breadth = rng.uniform(0.94, 1.0)
    radius = (x**2 + (y / breadth) ** 2 + (z / flatness) ** 2) ** -0.5
    lobes = rng.integers(4, 8)
    depth = rng.uniform(0.0, 0.09) * rng.random()
    turn = np.arctan2(y, x)
    radius *= 1 + depth * np.cos(lobes * turn + rng.uniform(0, 6)) * np.clip(0.4 + z, 0, 1) * (1 - z**2)
    width = rng.uniform(0.25, 0.45)
    radius *= 1 - rng.uniform(0.05, 0.16) * min(1.0, 1.2 / flatness) * np.exp(-((angle_to(_STEM) / width) ** 2))
    radius *= 1 + 0.012 * noise(rng, 2.0)
    return np.asarray(radius, np.float32)


def _colour(rng: np.random.Generator, fruit: Fruit) -> Floats:
    uneven = _UNEVEN[fruit.grade] * rng.uniform(0.2, 1.3)
    ripeness = fruit.ripeness - uneven * DIRECTIONS[..., 2] + 0.35 * uneven * noise(rng, 3.5)
    ripeness += 0.012 * noise(rng, 9.0)
    shoulder = step(DIRECTIONS[..., 2], 0.45, 0.95) * np.float32(rng.choice([0, 0, 1]) * rng.uniform(0.3, 1) * uneven)
    ripeness = np.clip(ripeness - shoulder, 0, 1)
    gains = 1 + rng.normal(0, fruit.spread.tint, 3)
    colours = np.stack([np.interp(ripeness, _STOPS, _COLOURS[:, n] * gains[n]) for n in range(3)], axis=-1) / 255
    grey = colours.mean(axis=-1, keepdims=True)
    colours = grey + (colours - grey) * rng.uniform(*fruit.spread.saturation)
    colours *= rng.uniform(*fruit.spread.brightness) * (1 + 0.02 * noise(rng, 6.0)[..., None])
    return np.asarray(np.clip(colours, 0.02, 0.98), np.float32)


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


def _calyx(rng: np.random.Generator, maps: Maps) -> None:
    """Five or six green leaves around a short stem, lying on the shoulders."""
    leaves = rng.integers(5, 7)
    turn = np.arctan2(DIRECTIONS[..., 1], DIRECTIONS[..., 0]) + 0.25 * noise(rng, 2.5)
    ray = np.abs(np.cos(leaves / 2 * turn + rng.uniform(0, 6)))
    reach = rng.uniform(0.45, 0.75)
    angle = angle_to(_STEM)
    leaf = step(ray - angle / reach, 0.0, 0.12) * step(angle, reach, reach * 0.9)
    leaf = np.maximum(leaf, step(angle, 0.16, 0.12))
    shade = rgb(66, 92, 44) * np.float32(rng.uniform(0.7, 1.2))
    blend(maps, leaf, shade * (1 + 0.14 * noise(rng, 16.0)[..., None]))
    blend(maps, step(angle, 0.1, 0.06), rgb(98, 104, 58))
    maps.radius += np.float32(0.018) * leaf
    maps.gloss *= 1 - 0.85 * leaf
