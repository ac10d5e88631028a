"""What stills are taken on: plain surfaces, each uint8 RGB (height, width, 3), drawn anew from random numbers."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
_Floats = NDArray[np.float32]


def draw_backdrop(name: str, rng: np.random.Generator, size: tuple[int, int]) -> Pixels:
    """One of `BACKDROPS`, (width, height) pixels, in light that falls off to one side."""
    width, height = size
    surface = BACKDROPS[name](rng, width, height)
    x, y = np.meshgrid(np.linspace(-1, 1, width), np.linspace(-1, 1, height))
    turn = rng.uniform(0, 2 * np.pi)
    light = rng.uniform(0.85, 1.05) * (1 + rng.uniform(0, 0.12) * (x * np.cos(turn) + y * np.sin(turn)))
    return np.asarray(np.clip(np.round(surface * light[..., None]), 0, 255), np.uint8)


def _cloud(rng: np.random.Generator, width: int, height: int, grain_px: tuple[float, float]) -> _Floats:
    """Smooth noise (height, width), deviation 1, with blots about `grain_px` (across, down) in size."""
    across, down = (max(2, round(length / grain) + 2) for length, grain in zip((width, height), grain_px, strict=True))
    coarse = rng.standard_normal((down, across)).astype(np.float32)
    cloud = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cloud / (cloud.std() + 1e-6), np.float32)


def _tinted(shade: _Floats, red: float, green: float, blue: float) -> _Floats:
    return np.asarray(shade[..., None] * np.array([red, green, blue]), np.float32)


def _table(rng: np.random.Generator, width: int, height: int) -> _Floats:
    """A grey laminate with specks."""
    grey = rng.uniform(120, 175)
    shade = 1 + 0.015 * _cloud(rng, width, height, (90, 90)) + 0.03 * _cloud(rng, width, height, (2.5, 2.5))
    return _tinted(shade, grey, grey * rng.uniform(0.97, 1.0), grey * rng.uniform(0.93, 1.0))


def _wood(rng: np.random.Generator, width: int, height: int) -> _Floats:
    """Boards along the picture: each its own tone, rings stretched into long grain, a dark joint between."""
    y = np.arange(height, dtype=np.float32)[:, None]
    board = rng.uniform(0.2, 0.35) * height
    number = np.floor((y + rng.uniform(0, board)) / board).astype(int)
    tone = rng.uniform(0.92, 1.08, number.max() + 1)[number]
    rings = np.sin(y / rng.uniform(5, 9) + 1.6 * _cloud(rng, width, height, (width / 2, height / 9)) + 7 * number)
    shade = tone * (1 + 0.035 * rings + 0.02 * _cloud(rng, width, height, (60, 2)))
    joint = np.abs((number[1:] != number[:-1]).astype(np.float32))
    shade[1:] *= 1 - 0.35 * joint
    colours = ((176, 134, 92), (150, 108, 72), (196, 164, 124))
    return _tinted(np.asarray(shade, np.float32), *colours[rng.integers(3)])


def _belt(rng: np.random.Generator, width: int, height: int) -> _Floats:
    """Matt blue, black or green PVC with a fine weave."""
    weave = np.sin(np.arange(width) * np.pi / 2)[None] + np.sin(np.arange(height) * 2 * np.pi / 5)[:, None]
    shade = 1 + 0.008 * weave + 0.02 * _cloud(rng, width, height, (3, 3)) + 0.015 * _cloud(rng, width, height, (80, 6))
    colours = ((44, 76, 128), (40, 41, 44), (38, 92, 84))
    return _tinted(np.asarray(shade, np.float32), *colours[rng.integers(3)])


def _paper(rng: np.random.Generator, width: int, height: int) -> _Floats:
    """Off-white, a little wavy."""
    shade = 1 + 0.02 * _cloud(rng, width, height, (160, 120)) + 0.006 * _cloud(rng, width, height, (2, 2))
    return _tinted(shade, 238, 234, rng.uniform(216, 232))


def _white(rng: np.random.Generator, width: int, height: int) -> _Floats:
    return np.full((height, width, 3), 252, np.float32)


def _black(rng: np.random.Generator, width: int, height: int) -> _Floats:
    return _tinted(1 + 0.1 * _cloud(rng, width, height, (3, 3)), 16, 16, 17)


BACKDROPS: dict[str, Callable[[np.random.Generator, int, int], _Floats]] = {
    "table": _table,
    "wood": _wood,
    "belt": _belt,
    "paper": _paper,
    "white": _white,
    "black": _black,
}
