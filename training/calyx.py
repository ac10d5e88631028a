"""Stalk ends painted on to photographed skins: sound fruit have them, and few of the photographs show one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_LEAF = np.array([25.0, 50.0, 10.0]), np.array([90.0, 130.0, 60.0])
_CORK = np.array([70.0, 50.0, 30.0]), np.array([190.0, 165.0, 130.0])
"""Dark and pale, RGB."""

_SCAR_POINTS = 12


def with_stalk_end(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A copy with a calyx (a star of leaves) or a corky scar somewhere on the fruit, foreshortened towards the rim."""
    across = float(np.sqrt(np.count_nonzero(mask)))
    rows, columns = np.nonzero(mask)
    middle = np.array([columns.mean(), rows.mean()])
    away = np.array([np.cos(angle := rng.uniform(0, 2 * np.pi)), np.sin(angle)]) * (
        reach := np.sqrt(rng.uniform(0, 0.9))
    )
    shape = _star(rng) if rng.random() < 0.6 else _round(rng)
    # A disc seen `reach` of the way to the rim is narrowed along that way.
    along, beside = away / max(reach, 1e-6), np.array([-away[1], away[0]]) / max(reach, 1e-6)
    narrowed = np.outer(shape @ along * np.sqrt(1 - reach**2), along) + np.outer(shape @ beside, beside)
    size = across * rng.uniform(0.12, 0.3 if len(shape) > _SCAR_POINTS else 0.2)
    points = middle + away * across * 0.5 + narrowed * size
    share = np.zeros(mask.shape, np.uint8)
    cv2.fillPoly(share, [np.rint(points * 8).astype(np.int32)], 255, cv2.LINE_AA, shift=3)
    share = cv2.GaussianBlur(share, (0, 0), 0.6).astype(np.uint8)
    dark, pale = _LEAF if len(shape) > _SCAR_POINTS else _CORK
    colour = dark + (pale - dark) * rng.uniform(0, 1)
    grain = rng.normal(1, 0.15, mask.shape).astype(np.float32)[..., None]
    weight = share.astype(np.float32)[..., None] / 255 * (mask > 0)[..., None] * np.float32(rng.uniform(0.6, 1))
    return np.asarray(np.clip(pixels * (1 - weight) + colour * grain * weight, 0, 255), np.uint8)


def _star(rng: np.random.Generator) -> NDArray[np.float64]:
    """Five to seven narrow leaves of unequal length about a small hub, in units of the longest."""
    leaves = int(rng.integers(5, 8))
    angles = 2 * np.pi * (np.arange(4 * leaves) / (4 * leaves)) + rng.normal(0, 0.06, 4 * leaves)
    reach = np.tile([1.0, 0.5, 0.25, 0.5], leaves) * np.repeat(rng.uniform(0.6, 1, leaves), 4)
    return np.asarray(np.stack([np.cos(angles), np.sin(angles)], axis=1) * reach[:, None], np.float64)


def _round(rng: np.random.Generator) -> NDArray[np.float64]:
    angles = 2 * np.pi * np.arange(_SCAR_POINTS) / _SCAR_POINTS
    lengths = rng.uniform(0.3, 0.5, (_SCAR_POINTS, 1))
    return np.asarray(np.stack([np.cos(angles), np.sin(angles)], axis=1) * lengths, np.float64)
