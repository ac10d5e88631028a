"""Made-up strangers: skins that no tomato has, laid over the shading of a real fruit.

What a head learns from a colour that no tomato has tells it nothing of a red apple. So most of these keep a colour
that a tomato may have and differ by their skin: pores, streaks from a pole, dimples, nets of lines, blotches, a
suture, ribs, felt. No kind of produce is copied: every draw is another mix.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.colour import recoloured, turned

Floats = NDArray[np.float32]

_ANY_COLOUR = 0.45
"""Of the strangers: these are of any hue, the others of a tomato's."""


def skinned(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Something that is no tomato, of the same outline: one to three of the skins below in a drawn colour. Arguments
    and result as in `training.colour.recoloured`."""
    light = _light(_base(pixels, mask, rng), rng)
    skins = (_pored, _streaked, _dimpled, _netted, _blotched, _ribbed, _felted)
    for n in rng.choice(len(skins), int(rng.integers(1, 4)), replace=False):
        light = np.clip(skins[n](light, mask, rng), 0, 255).astype(np.float32)
    return light.astype(np.uint8)


def _base(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    if rng.random() < _ANY_COLOUR:
        return turned(pixels, mask, rng.uniform(0, 360), rng.uniform(0.1, 1.2), rng.uniform(-110, 70))
    return recoloured(pixels, mask, ("red", "turning", "green")[int(rng.integers(3))], rng)


def _light(pixels: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """The base, darker or brighter, its highlights kept or lost."""
    gain = np.exp(rng.normal(0, 0.2))
    levels = np.arange(256) * gain
    if rng.random() < 0.5:
        top = rng.uniform(120, 220)
        levels = np.where(levels > top, top + 0.3 * (levels - top), levels)
    return np.asarray(cv2.LUT(pixels, np.clip(levels, 0, 255).astype(np.uint8)), np.float32)


def _pored(pixels: Floats, _mask: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """Dots, pale or dark, of one size: lenticels, pores, seeds."""
    side = max(pixels.shape[:2])
    field = _noise(pixels.shape[:2], side * rng.uniform(0.012, 0.04), rng)
    edge = np.quantile(field, 1 - rng.uniform(0.02, 0.2))
    dots = np.clip((field - edge) * 3, 0, 1) * rng.uniform(0.25, 0.9)
    return _towards(pixels, dots, _tint(rng))


def _streaked(pixels: Floats, mask: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """Lines that run from a pole over the skin, coarse or fine, in another colour."""
    angle, reach = _polar(mask, rng)
    count = int(rng.integers(24, 140))
    line = _noise((1, count), rng.uniform(0.5, 2.5), rng)[0]
    wander = _noise(pixels.shape[:2], max(pixels.shape[:2]) * 0.15, rng) * rng.uniform(0, 0.06)
    at = ((angle / (2 * np.pi) + wander) % 1 * count).astype(int) % count
    share = 1 / (1 + np.exp(-2 * (line[at] + rng.normal(0, 0.6)))) * np.clip(reach * 3, 0, 1)
    return _towards(pixels, share.astype(np.float32) * rng.uniform(0.2, 0.8), _tint(rng))


def _dimpled(pixels: Floats, _mask: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """A relief of small pits under light from a side."""
    field = _noise(pixels.shape[:2], max(pixels.shape[:2]) * rng.uniform(0.012, 0.05), rng)
    slope = field - np.roll(field, 1, axis=int(rng.integers(2)))
    return np.asarray(pixels * (1 + rng.uniform(0.06, 0.3) * slope / (slope.std() + 1e-6))[..., None], np.float32)


def _netted(pixels: Floats, _mask: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """A net of thin lines: veins, scurf, cracks of bark."""
    stretch = rng.uniform(0.4, 1.0)
    field = _noise(pixels.shape[:2], max(pixels.shape[:2]) * rng.uniform(0.04, 0.15), rng, stretch)
    lines = np.exp(-((field / rng.uniform(0.05, 0.2)) ** 2)) * rng.uniform(0.2, 0.8)
    return _towards(pixels, lines.astype(np.float32), _tint(rng))


def _blotched(pixels: Floats, _mask: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """Blotches with edges, of another colour: blush, scab, earth."""
    field = _noise(pixels.shape[:2], max(pixels.shape[:2]) * rng.uniform(0.08, 0.35), rng)
    share = 1 / (1 + np.exp(-rng.uniform(2, 10) * (field + rng.normal(0, 0.5))))
    return _towards(pixels, share.astype(np.float32) * rng.uniform(0.3, 0.8), _tint(rng))


def _ribbed(pixels: Floats, mask: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """One to seven grooves from a pole, as a suture or between lobes."""
    angle, _ = _polar(mask, rng)
    count, sharp = int(rng.integers(1, 8)), rng.uniform(2, 12)
    groove = np.exp(-sharp * (1 - np.cos(count * angle))) if count > 1 else np.exp(-4 * sharp * (1 - np.cos(angle)))
    return np.asarray(pixels * (1 - rng.uniform(0.2, 0.7) * groove)[..., None], np.float32)


def _felted(pixels: Floats, _mask: NDArray[np.uint8], rng: np.random.Generator) -> Floats:
    """No gloss, and a grain of fine hairs or papery scales."""
    side = max(pixels.shape[:2])
    smooth = cv2.GaussianBlur(cv2.medianBlur(np.clip(pixels, 0, 255).astype(np.uint8), 7), (0, 0), side * 0.03)
    grain = _noise(pixels.shape[:2], side * rng.uniform(0.008, 0.02), rng, rng.uniform(0.2, 1.0))
    return np.asarray(smooth * (1 + rng.uniform(0.03, 0.15) * grain)[..., None], np.float32)


def _tint(rng: np.random.Generator) -> Floats:
    """The colour of what is drawn on the skin: pale, dark, or any."""
    kind = rng.random()
    if kind < 0.35:
        return np.asarray(rng.uniform(150, 245) * rng.uniform(0.8, 1.0, 3), np.float32)
    if kind < 0.6:
        return np.asarray(rng.uniform(10, 90) * rng.uniform(0.6, 1.0, 3), np.float32)
    hue = np.array([[[rng.integers(0, 180), rng.integers(60, 240), rng.integers(60, 240)]]], np.uint8)
    return np.asarray(cv2.cvtColor(hue, cv2.COLOR_HSV2RGB)[0, 0], np.float32)


def _towards(pixels: Floats, share: Floats, tint: Floats) -> Floats:
    """Blended towards the tint, which keeps the shading of the skin."""
    shade = pixels.mean(axis=-1, keepdims=True)
    shaded = tint * (shade / (shade.mean() + 1e-6)) ** 0.6
    return np.asarray(pixels * (1 - share[..., None]) + shaded * share[..., None], np.float32)


def _polar(mask: NDArray[np.uint8], rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Angle (radians, from 0) about a pole on or near the fruit, and distance from it in the fruit's lengths."""
    rows, columns = np.nonzero(mask) if mask.any() else (np.zeros(1), np.zeros(1))
    across = max(float(rows.max() - rows.min()), float(columns.max() - columns.min()), 1.0)
    y = rows.mean() + rng.uniform(-0.55, 0.55) * across
    x = columns.mean() + rng.uniform(-0.55, 0.55) * across
    down, right = np.mgrid[: mask.shape[0], : mask.shape[1]].astype(np.float32)
    angle = np.arctan2(down - y, right - x) % (2 * np.pi)
    return angle.astype(np.float32), (np.hypot(down - y, right - x) / across).astype(np.float32)


def _noise(shape: tuple[int, ...], grain: float, rng: np.random.Generator, stretch: float = 1.0) -> Floats:
    """Smooth noise (h, w) of mean 0 and deviation 1 whose grains are about so many pixels wide."""
    size = (max(2, round(shape[1] / grain / stretch)), max(2 if shape[0] > 1 else 1, round(shape[0] / grain)))
    coarse = rng.normal(size=size[::-1]).astype(np.float32)
    field = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray((field - field.mean()) / (field.std() + 1e-6), np.float32)
