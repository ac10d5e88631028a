"""How far a camera has moved between two plates: shift, turn and zoom, by what stands still in both.

Direct alignment (Lucas and Kanade 1981) of blurred grey pictures, coarse to fine. Where a picture has nothing to hold
on to in some direction, as rails have nothing along the belt, that direction is not known, and counts as not moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import degrees

import cv2
import numpy as np
from numpy.typing import NDArray

_LEVELS = (8, 4, 2)
_ROUNDS = 12
_LEAST = 0.02
"""Mean squared gradient, in grey levels a pixel, from which on a direction can be told."""

Pixels = NDArray[np.uint8]
Grey = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Moved:
    """What stands still is seen further along and across the picture, in pixels, turned and larger by a factor.
    `along_known`: whether there was anything to tell `along_px` by."""

    along_px: float
    across_px: float
    turn_deg: float
    zoom: float
    along_known: bool


def moved(then: Pixels, now: Pixels) -> Moved:
    """Between two plates of one size, uint8 RGB (h, w, 3). Some pixels of either's brightness may differ."""
    height, width = then.shape[:2]
    pose = np.zeros(4)  # along, across in pixels of the whole picture; turn; log zoom
    known = False
    for level in _LEVELS:
        a, b = _level(then, level), _level(now, level)
        for _ in range(_ROUNDS):
            step, known = _step(a, _warped(b, pose, level), level, (width, height))
            pose += step
            if np.abs(step[:2]).max() < 0.01:
                break
    return Moved(float(pose[0]), float(pose[1]), degrees(float(pose[2])), float(np.exp(pose[3])), known)


def _level(plate: Pixels, level: int) -> Grey:
    grey = cv2.cvtColor(plate, cv2.COLOR_RGB2GRAY).astype(np.float32)
    small = cv2.resize(grey, None, fx=1 / level, fy=1 / level, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(small, (0, 0), 1.0), np.float32)


def _warped(now: Grey, pose: NDArray[np.float64], level: int) -> Grey:
    """The new picture, brought back to where the old one was."""
    height, width = now.shape
    along, across, turn, zoom = pose[0] / level, pose[1] / level, pose[2], np.exp(pose[3])
    cos, sin = np.cos(turn) * zoom, np.sin(turn) * zoom
    x, y = (width - 1) / 2, (height - 1) / 2
    back = np.array([[cos, -sin, x + along - cos * x + sin * y], [sin, cos, y + across - sin * x - cos * y]])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(now, back, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE))


def _step(then: Grey, back: Grey, level: int, size: tuple[int, int]) -> tuple[NDArray[np.float64], bool]:
    """What is still between the two, by their gradients."""
    edge = np.s_[2:-2, 2:-2]
    gx, gy = (cv2.Sobel(back, cv2.CV_32F, *way, ksize=3, scale=1 / 8)[edge] for way in ((1, 0), (0, 1)))
    off = (then - back)[edge]
    off = off - np.median(off)
    weight = 1 / (1 + (off / 20.0) ** 2)
    y, x = np.mgrid[0 : then.shape[0], 0 : then.shape[1]][(slice(None), *edge)].astype(np.float64)
    x, y = (x - (then.shape[1] - 1) / 2) * level, (y - (then.shape[0] - 1) / 2) * level
    gx, gy = gx / level, gy / level  # a pixel of the whole picture
    rows = np.stack([gx, gy, gy * x - gx * y, gx * x + gy * y], axis=-1).reshape(-1, 4).astype(np.float64)
    weights = weight.reshape(-1, 1)
    unit = np.array([1.0, 1.0, 2 / size[0], 2 / size[0]])
    rows = rows * unit
    information = rows.T @ (rows * weights) / len(rows)
    known = bool(information[0, 0] * level**2 > _LEAST)
    ridge = np.diag([1e-4 + (0.0 if known else 1e3), 1e-4, 1e-4, 1e-4])
    step = np.linalg.solve(information + ridge, rows.T @ (weights[:, 0] * off.reshape(-1)) / len(rows))
    return step * unit, known
