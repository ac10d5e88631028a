"""Top-down scenes of held-out built-in fruit on plain surfaces, drawn from a seed, with the number of fruit in each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.fruit import Skin

SIZE_PX = 480
SURFACES = {"white": (238, 238, 236), "black": (16, 16, 17), "wood": (158, 118, 78), "belt": (44, 76, 128)}
"""Plain backgrounds, RGB."""

Pixels = NDArray[np.uint8]


def write_scene(path: Path, skins: list[Skin], surface: str, touching: bool, rng: np.random.Generator) -> int:
    """One scene as a PNG; returns how many fruit are in it. `touching`: they stand in pairs, skin to skin."""
    scene = _ground(surface, rng)
    radius = int(rng.integers(26, 46))
    middles = _middles(int(rng.integers(2, 8)), radius, touching, rng)
    for x, y in middles:
        skin = skins[rng.integers(len(skins))]
        _lay(scene, skin.view(int(rng.integers(skin.views))), x, y, radius)
    cv2.imwrite(str(path), scene[..., ::-1])
    return len(middles)


def _ground(surface: str, rng: np.random.Generator) -> Pixels:
    """The surface with a fall of light across it and a little noise."""
    light = np.linspace(0.9, 1.05, SIZE_PX)[None, :, None] + rng.normal(0, 0.008, (SIZE_PX, SIZE_PX, 1))
    return np.clip(np.asarray(SURFACES[surface]) * light, 0, 255).astype(np.uint8)


def _middles(wanted: int, radius: int, touching: bool, rng: np.random.Generator) -> list[tuple[int, int]]:
    """Places that keep clear of each other by half a radius; touching: each with a neighbour at one diameter."""
    placed: list[tuple[int, int]] = []
    for _ in range(400):
        if len(placed) >= wanted:
            break
        x, y = (int(v) for v in rng.integers(radius + 4, SIZE_PX - radius - 4, 2))
        group = [(x, y)]
        if touching:
            angle = rng.uniform(0, 2 * np.pi)
            group.append((round(x + 1.9 * radius * np.cos(angle)), round(y + 1.9 * radius * np.sin(angle))))
        inside = all(radius + 4 <= v <= SIZE_PX - radius - 4 for middle in group for v in middle)
        if inside and all(np.hypot(a - x, b - y) > 2.5 * radius for x, y in placed for a, b in group):
            placed += group
    return placed


def _lay(scene: Pixels, view: Pixels, x: int, y: int, radius: int) -> None:
    """The view's outline becomes `2 * radius` across at its broadest."""
    rows, columns = np.nonzero(view[..., 3] > 127)
    cut = view[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    scale = 2 * radius / max(cut.shape[:2])
    small = cv2.resize(cut, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(float)
    top, left = y - small.shape[0] // 2, x - small.shape[1] // 2
    under = scene[top : top + small.shape[0], left : left + small.shape[1]]
    alpha = small[..., 3:] / 255
    under[:] = (under * (1 - alpha) + small[..., :3] * alpha).astype(np.uint8)
