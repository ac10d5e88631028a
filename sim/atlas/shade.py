"""Views of a painted fruit: it turns about the picture's vertical axis under lamps that stand still.

The camera looks down the z axis from far away (orthographic). x runs to the right, y down, z towards the camera.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.atlas.draw import Spread
from sim.atlas.surface import DIRECTIONS, Floats, Maps, places

_FINE = 2  # samples a pixel, each way
_GAMMA = 2.2


@dataclass(frozen=True, slots=True)
class Light:
    """`lamps` (n, 4): unit vector to a lamp and its strength. `soft` comes from all round."""

    lamps: Floats
    soft: float
    sharpness: float  # of the lamps' reflections: the exponent of Blinn and Phong
    exposure: float


@dataclass(frozen=True, slots=True)
class View:
    """`rgba` uint8 (S, S, 4); `damage`: the fraction of the outline's area in which damage shows."""

    rgba: NDArray[np.uint8]
    damage: float


def draw_light(rng: np.random.Generator, spread: Spread) -> Light:
    """One to three lamps above the belt."""
    hard = rng.uniform(*spread.light)
    count = rng.integers(1, 4)
    tilt, turn = rng.uniform(*spread.lamp_tilt_rad, count), rng.uniform(0, 2 * np.pi, count)
    strength = rng.uniform(0.5, 1.0, count)
    strength *= 0.95 * hard / strength.sum()
    lamps = np.stack([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt), strength], axis=1)
    return Light(
        lamps.astype(np.float32),
        0.95 - 0.62 * hard,
        float(np.exp(rng.uniform(3.4, 5.6))),
        rng.uniform(*spread.exposure),
    )


def any_pose(rng: np.random.Generator) -> Floats:
    """A rotation matrix, every pose as likely as any other (from a random unit quaternion)."""
    w, x, y, z = (q := rng.normal(size=4)) / np.linalg.norm(q)
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ],
        np.float32,
    )


def turn(maps: Maps, pose: Floats, light: Light, views: int, size_px: int) -> list[View]:
    """One full turn in `views` steps. All views share one scale: the fruit's broadest outline fills the square."""
    points = (DIRECTIONS * maps.radius[..., None]) @ pose.T
    low, high = float(points[..., 1].min()), float(points[..., 1].max())
    half = max(float(np.hypot(points[..., 0], points[..., 2]).max()), (high - low) / 2)
    grid = ((np.arange(size_px * _FINE) + 0.5) / (size_px * _FINE) * 2 - 1) * half * size_px / (size_px - 1.5)
    plane = np.stack(np.meshgrid(grid, grid + (low + high) / 2)).astype(np.float32)
    normals = _normals(maps.radius)
    found = []
    for angle in np.arange(views) * 2 * np.pi / views:
        about = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        found.append(_view(maps, normals, (about @ pose).astype(np.float32), light, plane))
    return found


def _normals(radius: Floats) -> Floats:
    """Unit normals of the surface, from the differences between neighbouring cells."""
    points = DIRECTIONS * radius[..., None]
    down = np.gradient(points, axis=0)
    around = np.roll(points, -1, axis=1) - np.roll(points, 1, axis=1)
    normal = np.cross(down, around)
    return np.asarray(normal / (np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-9), np.float32)


def _sample(values: Floats, at: tuple[Floats, Floats]) -> Floats:
    wide = cv2.copyMakeBorder(values, 1, 1, 1, 1, cv2.BORDER_WRAP)
    wide[0], wide[-1] = wide[1], wide[-2]
    return np.asarray(cv2.remap(wide, at[0] + 1, at[1] + 1, cv2.INTER_LINEAR), np.float32)


def _view(maps: Maps, normals: Floats, pose: Floats, light: Light, grid: Floats) -> View:
    x, y = grid
    across = x * x + y * y
    # Where a ray meets the surface: the radius there decides the height, which decides where "there" is.
    z = np.sqrt(np.maximum(1 - across, 0))
    for _ in range(5):
        at = places(np.dstack([x, y, z]).astype(np.float32) @ pose)
        reach = _sample(maps.radius, at) ** 2 - across
        z = np.sqrt(np.maximum(reach, 0))
    covered = (reach > 0).astype(np.float32)
    normal = _sample(normals, at) @ pose.T
    colour = _lit(_sample(maps.colour, at), normal, _sample(maps.gloss, at), light)
    hurt = (_sample(maps.damage, at) > 0.5) * covered
    return View(_shrink(colour, covered), float(hurt.sum() / covered.sum()))


def _lit(colour: Floats, normal: Floats, gloss: Floats, light: Light) -> Floats:
    facing = np.clip(normal[..., 2], 0, 1)
    diffuse = light.soft * (0.42 + 0.58 * facing)
    shine = np.float32(0.08) * (1 - facing) ** 4 * light.soft
    for lamp in light.lamps:
        diffuse = diffuse + lamp[3] * np.clip((normal @ lamp[:3] + 0.25) / 1.25, 0, None)
        between = lamp[:3] + np.array([0, 0, 1], np.float32)
        glint = np.clip(normal @ (between / np.linalg.norm(between)), 0, 1)
        shine = shine + lamp[3] * (0.95 * glint**light.sharpness + 0.08 * glint ** (light.sharpness / 6))
    linear = colour**_GAMMA * diffuse[..., None] + (gloss * shine)[..., None]
    return np.asarray(np.clip(linear * light.exposure, 0, 1) ** (1 / _GAMMA), np.float32)


def _shrink(colour: Floats, covered: Floats) -> NDArray[np.uint8]:
    """Down to the pixels that are kept. Beyond the outline the edge's colour goes on, so that nothing bleeds in."""
    solid = colour * covered[..., None]
    size = (covered.shape[1] // _FINE, covered.shape[0] // _FINE)
    alpha = cv2.resize(covered, size, interpolation=cv2.INTER_AREA)
    small = cv2.resize(solid, size, interpolation=cv2.INTER_AREA)
    spread = cv2.blur(small, (5, 5)) / np.maximum(cv2.blur(alpha, (5, 5)), 1e-3)[..., None]
    small = np.where(alpha[..., None] > 0.02, small / np.maximum(alpha, 0.02)[..., None], np.clip(spread, 0, 1))
    return np.asarray(np.round(np.dstack([small, alpha]) * 255), np.uint8)
