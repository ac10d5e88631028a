"""What is left of the plant on a fruit: sepals that lie, lift or curl about the stem, and the stem, as a mesh."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.atlas.surface import COLUMNS, ROWS, Floats

_ALONG, _ACROSS, _ROUND = 12, 5, 8


@dataclass(frozen=True, slots=True)
class Mesh:
    """`points` (n, 3) in units of half the fruit's breadth; `faces` (m, 3) indices, either side seen."""

    points: Floats
    faces: NDArray[np.uint32]


def draw_calyx(rng: np.random.Generator, radius: Floats) -> Mesh:
    """Four to seven sepals about a stem on a fruit of that `radius` map, fresh and lifted or dry and lying."""
    lift, curl = rng.uniform(0.01, 0.10), rng.uniform(-0.05, 0.22)
    count, reach = int(rng.integers(4, 8)), rng.uniform(0.35, 0.85)
    first = rng.uniform(0, 2 * np.pi)
    parts = [
        _sepal(
            radius,
            first + 2 * np.pi * n / count + rng.normal(0, 0.12),
            reach * rng.uniform(0.7, 1.1),
            rng.uniform(0.05, 0.10),
            lift * rng.uniform(0.5, 1.5),
            curl * rng.uniform(0.4, 1.4),
            rng.normal(0, 0.25),
        )
        for n in range(count)
    ]
    parts.append(_stem(rng, float(radius[0].mean())))
    return _joined(parts)


def _sepal(
    radius: Floats, turn: float, reach: float, width: float, lift: float, curl: float, sway: float
) -> tuple[Floats, NDArray[np.uint32]]:
    """One leaf from the stem outwards over the skin: `reach` in radians, `width` half of its broadest part, `curl` how
    far its tip stands off."""
    t = np.linspace(0, 1, _ALONG)[:, None]
    across = np.linspace(-1, 1, _ACROSS)[None]
    half = width * (np.sin(np.pi * np.clip(t, 0, 1) ** 0.6) + 0.25 * (1 - t))
    polar = 0.02 + t * reach + 0 * across
    azimuth = turn + sway * t**2 + across * half / np.sin(np.clip(polar, 0.06, None))
    rows = np.clip((polar * ROWS / np.pi).astype(int), 0, ROWS - 1)
    columns = np.mod(azimuth * COLUMNS / (2 * np.pi), COLUMNS).astype(int)
    fold = 0.25 * half * across**2
    away = radius[rows, columns] + lift * np.sin(np.pi * t) + curl * t**3 + fold + 0.012
    points = away[..., None] * np.stack(
        [np.sin(polar) * np.cos(azimuth), np.sin(polar) * np.sin(azimuth), np.cos(polar)], axis=-1
    )
    return points.reshape(-1, 3).astype(np.float32), _sheet(_ALONG, _ACROSS)


def _stem(rng: np.random.Generator, base: float) -> tuple[Floats, NDArray[np.uint32]]:
    """A short bent stalk, thicker where it was cut."""
    length, thick = rng.uniform(0.06, 0.4), rng.uniform(0.03, 0.06)
    lean = rng.normal(0, 0.25, 2)
    t = np.linspace(0, 1, 6)
    turn = np.linspace(0, 2 * np.pi, _ROUND)
    rings = []
    for s in t:
        middle = np.array([lean[0] * length * s**2, lean[1] * length * s**2, base - 0.03 + length * s])
        width = thick * (1 + 0.5 * (s - 0.4) ** 2)
        rings.append(middle + np.stack([width * np.cos(turn), width * np.sin(turn), 0 * turn], axis=1))
    rings.append(np.repeat(rings[-1].mean(axis=0)[None], _ROUND, axis=0))
    return np.concatenate(rings).astype(np.float32), _sheet(len(rings), _ROUND)


def _sheet(rows: int, columns: int) -> NDArray[np.uint32]:
    at = np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None]
    faces = [np.stack([at, at + columns, at + 1], -1), np.stack([at + 1, at + columns, at + columns + 1], -1)]
    return np.concatenate([face.reshape(-1, 3) for face in faces]).astype(np.uint32)


def _joined(parts: list[tuple[Floats, NDArray[np.uint32]]]) -> Mesh:
    points, faces, behind = [], [], 0
    for some, of in parts:
        points.append(some)
        faces.append(of + np.uint32(behind))
        behind += len(some)
    return Mesh(np.concatenate(points), np.concatenate(faces))
