"""A fruit as maps over the directions from its middle, and the noise that such maps are made of.

Every map is (ROWS, COLUMNS): row 0 beside the stem's pole (+z), the last beside the blossom's end, columns once round.
A direction's place in the maps and a map's direction are each other's inverse, so a view only has to look things up.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

ROWS, COLUMNS = 144, 288


@dataclass(slots=True)
class Maps:
    """`radius` (half the fruit's breadth is about 1), `colour` (…, 3) reflectance in sRGB 0 to 1, `gloss` 0 to 1,
    `damage` 0 to 1: how much of the skin is hurt there. Painters change them in place, in order."""

    radius: Floats
    colour: Floats
    gloss: Floats
    damage: Floats


def directions() -> Floats:
    """Unit vectors (ROWS, COLUMNS, 3) of the maps' cells."""
    polar = (np.arange(ROWS, dtype=np.float32) + 0.5) * np.pi / ROWS
    round_ = (np.arange(COLUMNS, dtype=np.float32) + 0.5) * 2 * np.pi / COLUMNS
    across = np.sin(polar)[:, None]
    return np.dstack(
        [across * np.cos(round_), across * np.sin(round_), np.repeat(np.cos(polar)[:, None], COLUMNS, axis=1)]
    ).astype(np.float32)


DIRECTIONS = directions()


def places(vectors: Floats) -> tuple[Floats, Floats]:
    """Column and row (for `cv2.remap`) where each vector (h, w, 3), of any length, meets the maps."""
    x, y, z = vectors[..., 0], vectors[..., 1], vectors[..., 2]
    polar = np.arctan2(np.hypot(x, y), z)
    columns = np.mod(np.arctan2(y, x), 2 * np.pi) * (COLUMNS / (2 * np.pi)) - 0.5
    return columns.astype(np.float32), (polar * (ROWS / np.pi) - 0.5).astype(np.float32)


def noise(rng: np.random.Generator, frequency: float, waves: int = 20) -> Floats:
    """Smooth noise on the sphere, mean 0 and variance 1: plane waves of random heading, about `frequency` radians
    across the fruit's radius."""
    heading = rng.normal(size=(waves, 3))
    heading *= (frequency * rng.uniform(0.6, 1.4, waves) / np.linalg.norm(heading, axis=1))[:, None]
    phase = rng.uniform(0, 2 * np.pi, waves)
    total = np.zeros((ROWS, COLUMNS), np.float32)
    for vector, shift in zip(heading.astype(np.float32), phase, strict=True):
        total += np.cos(DIRECTIONS @ vector + np.float32(shift))
    return np.asarray(total / np.sqrt(waves / 2), np.float32)


def grain(rng: np.random.Generator) -> Floats:
    """Independent noise a cell, mean 0 and variance 1."""
    return np.asarray(rng.standard_normal((ROWS, COLUMNS)), np.float32)


def step(values: Floats, low: float, high: float) -> Floats:
    """0 below `low`, 1 above `high`, smooth between; turned round where `low` is above `high`."""
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def angle_to(vector: Floats) -> Floats:
    """The angle in radians from every cell to a unit vector."""
    return np.asarray(np.arccos(np.clip(DIRECTIONS @ vector, -1, 1)), np.float32)


def any_direction(rng: np.random.Generator) -> Floats:
    """A unit vector, every direction as likely as any other."""
    vector = rng.normal(size=3)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def beside(rng: np.random.Generator, vector: Floats, angle_rad: float) -> Floats:
    """A unit vector about `angle_rad` away from another, on any side of it."""
    sideways = np.cross(vector, any_direction(rng))
    sideways /= np.linalg.norm(sideways) + 1e-9
    return np.asarray(vector * np.cos(angle_rad) + sideways * np.sin(angle_rad), np.float32)


def hue_deg(maps: Maps) -> float:
    """The Lab hue angle of the whole skin's median colour: every part of the skin counts by its area, not its cells."""
    lab = cv2.cvtColor(np.clip(maps.colour, 0, 1), cv2.COLOR_RGB2LAB)
    area = np.sin((np.arange(ROWS) + 0.5) * np.pi / ROWS)
    rows = np.repeat(np.arange(ROWS), np.rint(8 * area).astype(int))
    a, b = np.median(lab[rows][..., 1]), np.median(lab[rows][..., 2])
    return float(np.degrees(np.arctan2(b, a)))


def rgb(*channels: float) -> Floats:
    """A colour, sRGB 0 to 255."""
    return np.array(channels, np.float32)


def blend(maps: Maps, amount: Floats, colour: Floats) -> None:
    """Paint a colour (`rgb`, one or one a cell) over the skin, `amount` 0 to 1 of it."""
    target = colour / np.float32(255)
    maps.colour += amount[..., None] * (target - maps.colour)
