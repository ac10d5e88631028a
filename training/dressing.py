"""What lies on sound and hurt skin alike and says nothing of either: other tints, lamps mirrored in it, shade, specks.

Fruit of another camera differ in these before all else; learned from few rigs, each of them would pass for damage.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]


def dressed(pixels: Pixels, mask: NDArray[np.uint8], rng: np.random.Generator) -> Pixels:
    """A copy with some of it, drawn."""
    out = pixels.astype(np.float32)
    if rng.random() < 0.5:
        out *= _tints(mask.shape, rng)
    if rng.random() < 0.4:
        out *= _shade(mask.shape, rng)[..., None]
    for _ in range(int(rng.integers(0, 4))):
        out = _mirrored(out, mask, rng)
    if rng.random() < 0.4:
        out = _specked(out, mask, rng)
    return np.asarray(np.clip(out, 0, 255), np.uint8)


def _tints(shape: tuple[int, ...], rng: np.random.Generator) -> Field:
    """Gains that wander over the fruit, each channel by itself: shoulders, a flush, a coloured neighbour's glow."""
    cells = int(rng.integers(2, 5))
    coarse = np.exp(rng.normal(0, rng.uniform(0.03, 0.16), (cells, cells, 3))).astype(np.float32)
    return np.asarray(cv2.resize(coarse, shape[1::-1], interpolation=cv2.INTER_CUBIC), np.float32)


def _shade(shape: tuple[int, ...], rng: np.random.Generator) -> Field:
    """Darker towards a side or the rim, softly or with an edge."""
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    u, v = 2 * columns / shape[1] - 1, 2 * rows / shape[0] - 1
    if rng.random() < 0.5:
        along = u**2 + v**2
    else:
        angle = rng.uniform(0, 2 * np.pi)
        along = np.cos(angle) * u + np.sin(angle) * v + rng.uniform(-0.3, 0.7) * (u**2 + v**2)
    edge = rng.uniform(1, 6)
    fall = 1 / (1 + np.exp(np.clip((rng.uniform(0.2, 0.9) - along) * edge, -30, 30)))
    return np.asarray(1 - rng.uniform(0.15, 0.65) * fall, np.float32)


def _mirrored(out: Field, mask: NDArray[np.uint8], rng: np.random.Generator) -> Field:
    """A lamp or a window, sharp or soft, of any size."""
    height, width = mask.shape
    across = float(np.sqrt(np.count_nonzero(mask) + 1))
    middle = (int(width * rng.uniform(0.2, 0.8)), int(height * rng.uniform(0.2, 0.8)))
    light = np.zeros(mask.shape, np.uint8)
    size = across * rng.uniform(0.02, 0.14)
    if rng.random() < 0.6:
        axes = (max(1, int(size)), max(1, int(size * rng.uniform(0.3, 1))))
        cv2.ellipse(light, middle, axes, float(rng.uniform(0, 180)), 0, 360, 255, -1, cv2.LINE_AA)
    else:
        turned = cv2.boxPoints((middle, (2 * size, 2 * size * rng.uniform(0.2, 1)), float(rng.uniform(0, 90))))
        cv2.fillConvexPoly(light, np.rint(turned).astype(np.int32), 255, cv2.LINE_AA)
    soft = cv2.GaussianBlur(light, (0, 0), across * rng.uniform(0.004, 0.06) + 0.3)
    share = soft.astype(np.float32)[..., None] * np.float32(rng.uniform(0.2, 1) / 255)
    return np.asarray(out * (1 - share) + 250 * share, np.float32)


def _specked(out: Field, mask: NDArray[np.uint8], rng: np.random.Generator) -> Field:
    """Lenticels, crumbs and dust, none larger than a fiftieth of the fruit."""
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return out
    across = float(np.sqrt(len(rows)))
    dots = np.zeros(mask.shape, np.uint8)
    for n in rng.integers(len(rows), size=int(rng.integers(1, 25))):
        radius = max(1, round(8 * across * rng.uniform(0.003, 0.011)))
        at = (int(columns[n]) * 8, int(rows[n]) * 8)
        cv2.circle(dots, at, radius, int(rng.integers(60, 256)), -1, cv2.LINE_AA, 3)
    tone = np.array([1.0, 0.8, 0.6]) * rng.uniform(30, 240)
    share = dots.astype(np.float32)[..., None] * np.float32(rng.uniform(0.2, 0.8) / 255)
    return np.asarray(out * (1 - share) + tone * share, np.float32)
