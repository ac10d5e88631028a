"""Damage painted on to photographs of sound fruit, so that no source of pictures tells damaged from sound.

Drawn rough and in many kinds: rot, mould, cracks, wrinkles, holes and sunscald, as the built-in fruit have them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Field = NDArray[np.float32]

_ROT = np.array([18.0, 10.0, 6.0]), np.array([120.0, 80.0, 45.0])
_MOULD = np.array([120.0, 125.0, 115.0]), np.array([235.0, 235.0, 230.0])
_SCALD = np.array([190.0, 175.0, 130.0]), np.array([240.0, 235.0, 215.0])
_CORK = np.array([90.0, 55.0, 25.0]), np.array([190.0, 150.0, 100.0])
"""Dark and pale, RGB."""


def blemished(pixels: Pixels, mask: NDArray[np.uint8], rng: np.random.Generator) -> Pixels:
    """A copy with one kind of damage that nobody would overlook, or two."""
    kinds: tuple[Callable[[Field, Field, np.random.Generator], Field], ...] = (_rot, _lesion, _mould, _crack, _wrinkle)
    out = pixels.astype(np.float32)
    inside = (mask > 0).astype(np.float32)
    for _ in range(1 if rng.random() < 0.75 else 2):
        kind = (*kinds, _rot, _lesion, _crack, _scald, _hole)[int(rng.integers(len(kinds) + 5))]
        out = kind(out, inside, rng)
    return np.asarray(np.clip(np.where(mask[..., None] > 0, out, pixels), 0, 255), np.uint8)


def _rot(out: Field, inside: Field, rng: np.random.Generator) -> Field:
    """Brown to black, sunken or with rings of brighter and darker skin."""
    share = _blob(inside, rng, 0.14, 0.36, rng.uniform(3, 14))
    rings = 1 + rng.uniform(0, 0.5) * np.sin(share * rng.uniform(6, 25))
    return _covered(out, share * np.float32(rng.uniform(0.75, 1)), _between(_ROT, rng) * rings[..., None], rng)


def _lesion(out: Field, inside: Field, rng: np.random.Generator) -> Field:
    """Dying skin, darker and browner than the rest, with rough corky islands that have burst, each in a dark rim."""
    where = _blob(inside, rng, 0.12, 0.34, rng.uniform(1.5, 6)) * np.float32(rng.uniform(0.3, 0.9))
    out = _covered(out, where, _between((_ROT[0] + 20, _ROT[1]), rng), rng)
    for _ in range(int(rng.integers(1, 5))):
        share = _blob(inside, rng, 0.05, 0.15, rng.uniform(4, 12)) * np.maximum(where * 2, inside * 0.4)
        share = np.minimum(share, 1) * _noise(inside.shape, rng, int(rng.integers(6, 14)), rng.uniform(0.6, 0.9))
        rim = np.exp(-(((share - 0.35) / 0.2) ** 2)) * rng.uniform(0.2, 0.8) * (share > 0.02)
        out = _covered(out, np.asarray(rim, np.float32), _between(_ROT, rng) * 0.5, rng)
        rough = np.asarray(_noise(inside.shape, rng, 16, 0.7)[..., None] + 0.3, np.float32)
        out = _covered(out, np.minimum(share * 1.4, 1), _between(_CORK, rng) * rough, rng)
    return out


def _mould(out: Field, inside: Field, rng: np.random.Generator) -> Field:
    """Pale fluff, patchy."""
    share = _blob(inside, rng, 0.12, 0.34, rng.uniform(2, 8)) * _noise(inside.shape, rng, 3, 0.55)
    return _covered(out, np.minimum(share * 1.5, 1), _between(_MOULD, rng), rng)


def _scald(out: Field, inside: Field, rng: np.random.Generator) -> Field:
    """A pale, papery patch, with a darker rim at times."""
    share = _blob(inside, rng, 0.16, 0.36, rng.uniform(4, 16))
    rim = np.asarray(rng.uniform(0, 0.6) * np.exp(-(((share - 0.5) / 0.2) ** 2)), np.float32)
    return _covered(out * (1 - rim[..., None]), share * np.float32(rng.uniform(0.5, 0.95)), _between(_SCALD, rng), rng)


def _hole(out: Field, inside: Field, rng: np.random.Generator) -> Field:
    """One dark pit or a few, a pale rim about each."""
    for _ in range(int(rng.integers(1, 4))):
        share = _blob(inside, rng, 0.06, 0.11, 12)
        rim = np.exp(-(((share - 0.35) / 0.2) ** 2)) * rng.uniform(0.2, 0.8)
        out = _covered(out, rim.astype(np.float32), _between(_CORK, rng), rng)
        out = _covered(out, share, _between(_ROT, rng) * 0.4, rng)
    return out


def _crack(out: Field, inside: Field, rng: np.random.Generator) -> Field:
    """Long wandering lines, dark within and corky at their edges."""
    across = _across(inside)
    for _ in range(int(rng.integers(1, 5))):
        count = int(rng.integers(4, 9))
        turns = np.cumsum(rng.normal(0, 0.35, count)) + rng.uniform(0, 2 * np.pi)
        steps = np.stack([np.cos(turns), np.sin(turns)], 1) * across * rng.uniform(0.05, 0.13)
        points = _spot(inside, rng) + np.cumsum(steps, 0) - steps.sum(0) / 2
        for width, tone in ((rng.uniform(0.03, 0.06), _CORK), (rng.uniform(0.01, 0.03), _ROT)):
            line = np.zeros(inside.shape, np.uint8)
            thick = max(1, round(across * width))
            cv2.polylines(line, [np.rint(points * 8).astype(np.int32)], False, 255, thick, cv2.LINE_AA, 3)
            share = np.multiply(line, 0.9 / 255, dtype=np.float32)
            out = _covered(out, share, _between(tone, rng), rng)
    return out


def _wrinkle(out: Field, inside: Field, rng: np.random.Generator) -> Field:
    """Folds of a slack skin: ridges of light and shade, over the fruit or a large part of it."""
    angle, depth = rng.uniform(0, np.pi), rng.uniform(0.25, 0.55)
    height, width = inside.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32) / _across(inside)
    bend = _noise(inside.shape, rng, int(rng.integers(3, 7)), 0.5) * rng.uniform(0.15, 0.5)
    along = (np.cos(angle) * columns + np.sin(angle) * rows + bend) * rng.uniform(5, 14)
    ridge = 1 - np.abs(np.sin(np.pi * along)) ** np.float32(0.6)
    slope = cv2.Sobel(ridge.astype(np.float32), cv2.CV_32F, 1, 1 if rng.random() < 0.5 else 0, ksize=3)
    slope = np.cos(angle) * slope + np.sin(angle) * cv2.Sobel(ridge.astype(np.float32), cv2.CV_32F, 0, 1, ksize=3)
    slope /= float(np.abs(slope).max()) + 1e-6
    where = _noise(inside.shape, rng, 3, 0.7) if rng.random() < 0.6 else np.ones_like(inside)
    shade = 1 + depth * where * (1.6 * slope - 0.5 * ridge)
    return np.asarray(out * shade[..., None] + 60 * depth * (where * np.maximum(slope, 0) ** 2)[..., None], np.float32)


def _blob(inside: Field, rng: np.random.Generator, least: float, most: float, edge: float) -> Field:
    """A wobbly patch from 0 to 1, `least` to `most` of the fruit across as its radius, nowhere past the outline."""
    rows, columns = np.mgrid[: inside.shape[0], : inside.shape[1]].astype(np.float32)
    x, y = _spot(inside, rng)
    angle, squeeze = rng.uniform(0, np.pi), rng.uniform(0.55, 1)
    u = np.cos(angle) * (columns - x) + np.sin(angle) * (rows - y)
    v = (np.cos(angle) * (rows - y) - np.sin(angle) * (columns - x)) / squeeze
    away = np.hypot(u, v) / (_across(inside) * rng.uniform(least, most))
    away = away + (_noise(inside.shape, rng, 5, 0.5) - 0.5) * rng.uniform(0.2, 0.9)
    return np.asarray(inside / (1 + np.exp(np.clip((away - 1) * edge, -30, 30))), np.float32)


def _spot(inside: Field, rng: np.random.Generator) -> NDArray[np.float64]:
    """A place on the fruit, x and y, rather within than at the rim."""
    rows, columns = np.nonzero(inside)
    n = int(rng.integers(len(rows)))
    middle = np.array([columns.mean(), rows.mean()])
    return np.asarray(middle + (np.array([columns[n], rows[n]]) - middle) * 0.85, np.float64)


def _across(inside: Field) -> float:
    return float(np.sqrt(np.count_nonzero(inside)))


def _noise(shape: tuple[int, ...], rng: np.random.Generator, cells: int, middle: float) -> Field:
    """Two octaves of smooth noise, clipped to 0 to 1."""
    field = np.zeros(shape, np.float32)
    for octave in (1, 3):
        coarse = rng.normal(size=(cells * octave, cells * octave)).astype(np.float32)
        field += cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) / octave
    return np.asarray(np.clip(middle + 0.35 * field, 0, 1), np.float32)


def _between(tones: tuple[NDArray[np.float64], NDArray[np.float64]], rng: np.random.Generator) -> NDArray[np.float64]:
    return tones[0] + (tones[1] - tones[0]) * rng.uniform(0, 1)


def _covered(out: Field, share: Field, colour: NDArray[Any], rng: np.random.Generator) -> Field:
    sharp = rng.normal(1, rng.uniform(0.03, 0.2), share.shape)
    # Real skin is never as rough as a pixel.
    grain = cv2.GaussianBlur(sharp.astype(np.float32), (0, 0), rng.uniform(0.4, 2.0))[..., None]
    weight = np.clip(share, 0, 1)[..., None]
    return np.asarray(out * (1 - weight) + colour * grain * weight, np.float32)
