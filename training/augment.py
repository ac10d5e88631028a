"""One picture, many looks: pose, size, light, lens, sensor and outline are drawn anew, then the device's own road from
crop to tensor is taken."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bundle import Preprocessing
from edge.grade.preprocess import to_tensor
from training.calyx import with_stalk_end
from training.colour import recoloured, strange
from training.dataset import RIPENESS, UNTOLD, Picture
from training.dressing import dressed
from training.strange import skinned

_NOISE_SIGMA = 32.0
_NOISE = np.clip(np.random.default_rng(0).normal(128, _NOISE_SIGMA, (400, 400, 3)), 0, 255).astype(np.uint8)
"""Sensor noise to cut pieces from, about the middle of the range: drawing it anew would take half the time."""

_SKINNED = 0.6
"""Of the made-up strangers: these differ by their skin, the others by colour and pattern alone."""

_OF_BUILTIN = 0.5
"""Of `Strength.recolour`, for built-in fruit."""

_BELTS = ((28, 58, 110), (40, 70, 120), (110, 110, 110), (235, 235, 235), (15, 15, 15))


@dataclass(frozen=True, slots=True)
class Strength:
    """How far looks stray from the picture: 1 in training, less where thresholds are chosen, near the line's own.

    `light` and `least_light` bound what is drawn for light and sensor; `recolour` and `stalk` are the shares of
    photographs repainted and given a stalk end, `dress` that of tomatoes given tints, mirrored lamps and specks.
    """

    light: float = 1.0
    least_light: float = 1.0
    outline: float = 1.0
    recolour: float = 0.5
    stalk: float = 0.3
    dress: float = 0.25


TRAINING = Strength(least_light=0.2)
LINE = Strength(light=0.3, least_light=0.3, outline=0.4, recolour=0.0, stalk=0.0, dress=0.0)


def look(
    picture: Picture, spec: Preprocessing, rng: np.random.Generator, strength: Strength = TRAINING
) -> tuple[NDArray[np.uint8], tuple[int, int, int]]:
    """One look: the tensor (N, N, 3) uint8, and the targets of ripeness, damage and known."""
    picture = _stalked(_painted(picture, rng, strength.recolour), rng, strength.stalk)
    if picture.known == 1 and rng.random() < strength.dress:
        picture = replace(picture, pixels=dressed(picture.pixels, picture.mask, rng))
    return to_tensor(*seen(picture, rng, strength), spec), picture.targets


def seen(picture: Picture, rng: np.random.Generator, strength: Strength) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The picture as a detector over a belt might hand it on: crop uint8 RGB (h, w, 3), and mask at half of that."""
    pixels, alpha = _placed(picture, rng)
    light = rng.uniform(strength.least_light, strength.light)
    pixels = _sensed(_lit(pixels, rng, light), rng, light)
    return _cropped(pixels, alpha, rng, strength.outline)


def stranger(picture: Picture, rng: np.random.Generator) -> Picture:
    """A made-up thing that is no tomato, of this picture's outline."""
    make = skinned if rng.random() < _SKINNED else strange
    pixels = make(picture.pixels, picture.mask, rng)
    return replace(picture, pixels=pixels, grade="unknown", ripeness=UNTOLD, damage=UNTOLD, known=0)


def _painted(picture: Picture, rng: np.random.Generator, share: float) -> Picture:
    """Photographs of red, turning and damaged tomatoes may be given another ripeness: nearly all of them are red, and
    neither damage nor strangeness may be learned as a colour. Built-in fruit are of every ripeness, but of fewer
    colours than a grade has: of these a sound one is repainted now and then."""
    can_be = picture.known == 1 and (picture.ripeness > 0 or picture.damage == 1)
    if picture.source == "builtin":
        can_be, share = picture.ripeness > 0, share * _OF_BUILTIN
    if not can_be or rng.random() >= share:
        return picture
    grade = RIPENESS[int(rng.integers(0, 3))]
    pixels = recoloured(picture.pixels, picture.mask, grade, rng)
    if picture.ripeness == UNTOLD:
        return replace(picture, pixels=pixels)
    return replace(picture, pixels=pixels, ripeness=RIPENESS.index(grade))


def _stalked(picture: Picture, rng: np.random.Generator, share: float) -> Picture:
    if picture.source == "builtin" or picture.known == 0 or rng.random() >= share:
        return picture
    return replace(picture, pixels=with_stalk_end(picture.pixels, picture.mask, rng))


def _placed(picture: Picture, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The fruit on a background at a drawn angle and size: pixels (S, S, 3) and its alpha (S, S)."""
    height, width = picture.mask.shape
    length = float(np.exp(rng.uniform(np.log(40), np.log(115))))
    scale = length / max(height, width)
    side = int(1.3 * np.hypot(height, width) * scale) + 4
    pixels, mask = picture.pixels, picture.mask
    if scale < 0.6:
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
        mask = np.asarray(cv2.resize(mask, pixels.shape[1::-1], interpolation=cv2.INTER_AREA), np.uint8)
        scale = 1.0
    turn = cv2.getRotationMatrix2D((mask.shape[1] / 2, mask.shape[0] / 2), rng.uniform(0, 360), scale)
    stretch = np.diag(np.exp(rng.normal(0, 0.05, 2)))
    turn = stretch @ turn
    turn[:, 2] += side / 2 - turn @ np.array([mask.shape[1] / 2, mask.shape[0] / 2, 1])
    if rng.random() < 0.5:
        turn[0] = (-turn[0, 0], -turn[0, 1], side - turn[0, 2])
    cast = cv2.warpAffine(pixels, turn, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    alpha = np.asarray(cv2.warpAffine(mask, turn, (side, side), flags=cv2.INTER_LINEAR), np.uint8)
    share = np.multiply(alpha, 1 / 255, dtype=np.float32)
    return np.asarray(cv2.blendLinear(cast, _background(alpha, rng), share, 1 - share), np.uint8), alpha


def _background(alpha: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """One colour, with the fruit's shadow or without."""
    colour = _BELTS[int(rng.integers(len(_BELTS)))] if rng.random() < 0.6 else rng.integers(0, 256, 3)
    if rng.random() < 0.5:
        return np.full((*alpha.shape, 3), colour, np.uint8)
    shift = np.array([[1, 0, rng.uniform(-12, 12)], [0, 1, rng.uniform(-12, 12)]], np.float32)
    cast = cv2.warpAffine(alpha, shift, alpha.shape[::-1])
    shadow = cv2.blur(cast, (int(rng.integers(2, 14)), int(rng.integers(2, 14))))
    shades = np.outer(1 - rng.uniform(0.2, 0.7) * np.arange(256) / 255, colour)
    return np.asarray(shades.astype(np.uint8)[shadow], np.uint8)


def _lit(pixels: NDArray[np.uint8], rng: np.random.Generator, strength: float) -> NDArray[np.uint8]:
    """Gamma, exposure, white balance, saturation, and light from a side."""
    levels = 255 * np.linspace(0, 1, 256) ** np.exp(rng.normal(0, 0.16) * strength)
    gains = np.exp(rng.normal(0, 0.28) * strength + rng.normal(0, 0.045, 3) * strength)
    kept = np.exp(rng.normal(-0.05, 0.28) * strength)
    mix = np.diag(gains) @ (kept * np.eye(3) + (1 - kept) / 3)
    lit = cv2.transform(cv2.LUT(pixels, levels.astype(np.uint8)), mix)
    if rng.random() < 0.5 * strength:
        along = np.linspace(-0.5, 0.5, len(pixels), dtype=np.float32)
        angle, depth = rng.uniform(0, 2 * np.pi), rng.uniform(0, 0.45)
        ramp = 1 + depth * (np.cos(angle) * along[None, :] + np.sin(angle) * along[:, None])
        lit = cv2.multiply(lit, cv2.merge([ramp.astype(np.float32)] * 3), dtype=cv2.CV_8U)
    return np.asarray(lit, np.uint8)


def _sensed(pixels: NDArray[np.uint8], rng: np.random.Generator, strength: float) -> NDArray[np.uint8]:
    """Blur of the lens or of motion, the camera's own sharpening, noise, JPEG."""
    if rng.random() < 0.5:
        pixels = np.asarray(cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.3, 0.4 + strength)), np.uint8)
    if rng.random() < 0.3 * strength:
        pixels = np.asarray(cv2.blur(pixels, (int(rng.integers(2, 5)), 1)), np.uint8)
    if rng.random() < 0.25 * strength:
        soft = cv2.GaussianBlur(pixels, (0, 0), rng.uniform(0.7, 1.6))
        much = rng.uniform(0.3, 1.5)
        pixels = np.asarray(cv2.addWeighted(pixels, 1 + much, soft, -much, 0), np.uint8)
    if rng.random() < 0.7:
        side = len(pixels)
        x, y = rng.integers(0, len(_NOISE) - side, 2)
        noise = _NOISE[x : x + side, y : y + side]
        sigma = rng.uniform(0.5, 1 + 6 * strength)
        pixels = np.asarray(
            cv2.addWeighted(pixels, 1, noise, sigma / _NOISE_SIGMA, -128 * sigma / _NOISE_SIGMA), np.uint8
        )
    if rng.random() < 0.3 * strength:
        done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(40, 95))])
        pixels = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8) if done else pixels
    return pixels


def _cropped(
    pixels: NDArray[np.uint8], alpha: NDArray[np.uint8], rng: np.random.Generator, strength: float
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The box and the outline as a detector might have drawn them: a little too wide, too tight, or beside."""
    mask = (alpha >= 128).astype(np.uint8) * 255
    pull = round(rng.normal(0, 1.0 * strength))
    if pull:
        kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * abs(pull) + 1,) * 2)
        mask = (cv2.dilate if pull > 0 else cv2.erode)(mask, kernel).astype(np.uint8)
    if rng.random() < 0.1 * strength:
        mask = _bitten(mask, rng)
    x, y, w, h = cv2.boundingRect(mask)
    box = np.clip(np.array([x, y, x + w, y + h]) + np.rint(rng.normal(0, strength, 4)).astype(int), 0, mask.shape[0])
    left, top, right, bottom = (int(edge) for edge in box)
    if right - left < 8 or bottom - top < 8:
        left, top, right, bottom = 0, 0, mask.shape[1], mask.shape[0]
    half = cv2.resize(mask[top:bottom, left:right], ((right - left + 1) // 2, (bottom - top + 1) // 2))
    return pixels[top:bottom, left:right], np.asarray(half, np.uint8)


def _bitten(mask: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """A corner is cut away, as where a neighbour touched."""
    side = mask.shape[0]
    angle, reach = rng.uniform(0, 2 * np.pi), side * rng.uniform(0.24, 0.4)
    rows, columns = np.mgrid[:side, :side] - side / 2
    return np.where(np.cos(angle) * columns + np.sin(angle) * rows < reach, mask, 0).astype(np.uint8)
