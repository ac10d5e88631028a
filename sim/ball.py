"""A ball as calibrations let it run: round, of one colour, the same from every side."""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

_PX = 256
_ORANGE = (236.0, 120.0, 30.0)


@functools.cache
def _picture() -> NDArray[np.uint8]:
    at = (np.arange(_PX) + 0.5) / (_PX / 2) - 1
    away = np.hypot(at[:, None], at[None])
    alpha = np.clip((1 - away) * _PX / 2 + 0.5, 0, 1)
    shade = 0.6 + 0.4 * np.sqrt(np.clip(1 - away**2, 0, 1))
    picture = np.concatenate([np.array(_ORANGE) * shade[..., None], 255 * alpha[..., None]], axis=2)
    return np.round(picture).astype(np.uint8)


class Ball:
    """Answers sim.fruit.Skin."""

    diameter_mm = 50.0
    skin_id = "ball"
    label = "red"
    views = 1

    def view(self, n: int) -> NDArray[np.uint8]:
        return _picture()

    def damage_shown(self, n: int) -> bool:
        return False


BALL = Ball()
