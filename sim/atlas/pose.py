"""How a fruit lies and turns, and how much of its damage faces the camera, which looks down the z axis."""

from __future__ import annotations

import numpy as np

from sim.atlas.surface import DIRECTIONS, Floats, Maps


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


def poses(pose: Floats, views: int) -> list[Floats]:
    """The rotations of one full turn about the picture's vertical axis."""
    found = []
    for angle in np.arange(views) * 2 * np.pi / views:
        about = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        found.append((about @ pose).astype(np.float32))
    return found


def points_of(maps: Maps) -> Floats:
    """The surface's points, one a cell."""
    return np.asarray(DIRECTIONS * maps.radius[..., None], np.float32)


def normals_of(points: Floats) -> Floats:
    """Normals of the surface, as long as their cells are large."""
    down = np.gradient(points, axis=0)
    around = (np.roll(points, -1, axis=1) - np.roll(points, 1, axis=1)) / 2
    return np.asarray(np.cross(down, around), np.float32)


def damage_seen(maps: Maps, pose: Floats) -> float:
    """The fraction of the outline's area that is hurt: every cell counts with the area that it shows."""
    shown = np.clip((normals_of(points_of(maps)) @ pose.T)[..., 2], 0, None)
    return float(shown[maps.damage > 0.5].sum() / shown.sum())
