"""Views of a grown fruit with NumPy alone: rays to its surface, lamps, sky and belt, a highlight, and 8 bits.

Coarser than the path tracer of `sim.atlas.render` (no light goes from one place of the fruit to another), and some
fifty times as fast: a crop is painted in a minute, and again after every change of its file. The camera looks down the
z axis from far away; x runs to the right, y down. The fruit turns about the picture's vertical axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.atlas.light import Light
from sim.atlas.pose import damage_seen, normals_of, points_of, poses
from sim.atlas.surface import Floats, Maps, places
from sim.crop.growing import Grown

_FINER = 2
_STEPS = 7
_GAMMA = 2.2
_BRIGHT = 1.1
"""What a white sheet under the lamps would be, of the sensor's range."""


@dataclass(frozen=True, slots=True)
class View:
    """`rgba` uint8 (S, S, 4); `damage`: the fraction of the outline's area in which damage shows."""

    rgba: NDArray[np.uint8]
    damage: float


@dataclass(frozen=True, slots=True)
class _Surface:
    """Maps that a view looks up, linear: `skin` (…, 8): colour, gloss, outward unit normal, how open to the sky."""

    radius: Floats
    skin: Floats


def turn(of: Grown, views: int, size_px: int) -> list[View]:
    """One full turn in `views` steps. All share one scale: the fruit's broadest outline fills the square."""
    every = points_of(of.maps).reshape(-1, 3) @ of.pose.T
    low, high = float(every[:, 1].min()), float(every[:, 1].max())
    half = max(float(np.hypot(every[:, 0], every[:, 2]).max()), (high - low) / 2) * size_px / (size_px - 1.5)
    surface = _surface(of.maps)
    grid = (np.arange(size_px * _FINER, dtype=np.float32) + 0.5) / (size_px * _FINER) * 2 - 1
    x, y = np.meshgrid(grid * half, grid * half + (low + high) / 2)
    return [
        View(
            _picture(surface, turned, of.light, x.astype(np.float32), y.astype(np.float32)),
            damage_seen(of.maps, turned),
        )
        for turned in poses(of.pose, views)
    ]


def _surface(maps: Maps) -> _Surface:
    normals = normals_of(points_of(maps))
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-12
    # Round and round: what is filtered sees beyond the first column and the last.
    wide = np.concatenate([maps.radius[:, -24:], maps.radius, maps.radius[:, :24]], axis=1)
    hollow = (wide - cv2.GaussianBlur(wide, (0, 0), 5.0))[:, 24:-24]
    bare = np.clip(1 + 9 * hollow, 0.45, 1.0)
    linear = np.clip(maps.colour, 0, 1) ** _GAMMA
    return _Surface(maps.radius, np.dstack([linear, maps.gloss, normals, bare]).astype(np.float32))


def _picture(surface: _Surface, pose: Floats, light: Light, x: Floats, y: Floats) -> NDArray[np.uint8]:
    z, inside = _met(surface.radius, pose, x, y)
    columns, rows = places(np.dstack([x, y, z]) @ pose)
    seen = _looked_up(surface.skin, columns, rows)
    normals = seen[..., 4:7] @ pose.T
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-6
    lit = _lit(seen[..., :3], seen[..., 3], normals, seen[..., 7], light) * (_BRIGHT * light.exposure)
    side = x.shape[0] // _FINER
    alpha = cv2.resize(inside, (side, side), interpolation=cv2.INTER_AREA)
    laid = cv2.resize(np.ascontiguousarray(lit * inside[..., None]), (side, side), interpolation=cv2.INTER_AREA)
    spread = cv2.blur(laid, (5, 5)) / np.maximum(cv2.blur(alpha, (5, 5)), 1e-3)[..., None]
    own = np.where(alpha[..., None] > 0.02, laid / np.maximum(alpha, 0.02)[..., None], spread)
    return np.asarray(np.round(np.dstack([np.clip(own, 0, 1) ** (1 / _GAMMA), alpha]) * 255), np.uint8)


def _met(radius: Floats, pose: Floats, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Where the ray through each pixel meets the surface: its z, and 1 where it does, 0 where it passes by. The surface
    is a radius for every direction, so what it would be at the last guess leads to the next one."""
    square = x * x + y * y
    z = np.sqrt(np.clip(np.float32(radius.max()) ** 2 - square, 0, None))
    for _ in range(_STEPS):
        found = _looked_up(radius, *places(np.dstack([x, y, z]) @ pose))
        z = 0.3 * z + 0.7 * np.sqrt(np.clip(found * found - square, 0, None))
    found = _looked_up(radius, *places(np.dstack([x, y, z]) @ pose))
    return np.asarray(z, np.float32), np.asarray(found * found > square, np.float32)


def _looked_up(values: Floats, columns: Floats, rows: Floats) -> Floats:
    return np.asarray(cv2.remap(values, columns, rows, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP), np.float32)


def _lit(colour: Floats, gloss: Floats, normals: Floats, bare: Floats, light: Light) -> Floats:
    """What comes back to the camera, linear RGB: a matt body under a clear coat."""
    up = normals[..., 2]
    diffuse = light.soft * (0.5 + 0.5 * up)[..., None] + (light.below * (0.5 - 0.5 * up)[..., None])
    shine = light.soft * 0.10 * _smooth(2 * up * up - 1, 0.72, 0.98)
    for lamp in light.lamps:
        toward, share, width = lamp[:3], lamp[3], lamp[4]
        diffuse = diffuse + (share * np.clip(normals @ toward, 0, None))[..., None]
        between = toward + np.array([0, 0, 1], np.float32)
        facing = np.clip(normals @ (between / np.linalg.norm(between)), 0, 1)
        sharp = np.float32(18 + 240 / (1 + width * width))
        shine = shine + share * np.float32(0.55 / (0.6 + 0.35 * width)) * facing**sharp
    rim = light.soft * 0.22 * (1 - np.clip(up, 0, 1)) ** 4
    coat = gloss * (shine + rim)
    found = (colour * diffuse * bare[..., None] + (coat * bare)[..., None]) * light.warm
    return np.asarray(found, np.float32)


def _smooth(values: Floats, low: float, high: float) -> Floats:
    t = np.clip((values - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)
