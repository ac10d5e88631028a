"""Views of a painted fruit by a path tracer (Mitsuba 3): it turns about the picture's vertical axis under lamps that
stand still.

The camera looks down the z axis from far away (orthographic). x runs to the right, y down, z towards the camera. Skin
is Disney's principled surface: a coloured body under a clear coat, rougher where it is hurt or corky.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import cv2
import mitsuba as mi
import numpy as np
from numpy.typing import NDArray

from sim.atlas.calyx import Mesh
from sim.atlas.draw import Spread
from sim.atlas.surface import COLUMNS, DIRECTIONS, ROWS, Floats, Maps

mi.set_variant("scalar_rgb")

_SAMPLES = 32
_AWAY = 8.0
_GAMMA = 2.2
_SKY = 0.4
"""Of the soft light this share comes from all round, the rest from a large white sheet above."""

_BRIGHT = 1.1
"""What a white sheet under the lamps would be, of the sensor's range."""

Transform = mi.ScalarTransform4f


class Shape(Protocol):
    """A mesh as the path tracer has it."""


class Placing(Protocol):
    """A rotation of whatever comes after it."""

    def __matmul__(self, other: object) -> object: ...


@dataclass(frozen=True, slots=True)
class Light:
    """`lamps` (n, 5): unit vector to a lamp, its share of the light and its width. `soft` comes from all round;
    `warm`: the light's colour, RGB; `below`: what the belt throws back, RGB."""

    lamps: Floats
    soft: float
    warm: Floats
    below: Floats
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
    share = rng.uniform(0.5, 1.0, count)
    share *= hard / share.sum()
    width = rng.uniform(0.4, 3.0, count)
    lamps = np.stack([np.sin(tilt) * np.cos(turn), np.sin(tilt) * np.sin(turn), np.cos(tilt), share, width], axis=1)
    warm = 1 + rng.normal(0, 0.02, 3)
    below = rng.uniform(0.02, 0.35) * (1 + rng.normal(0, 0.25, 3))
    return Light(
        lamps.astype(np.float32),
        1 - 0.65 * hard,
        warm.astype(np.float32),
        np.clip(below, 0, 0.6).astype(np.float32),
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


def turn(
    maps: Maps, calyx: Mesh | None, pose: Floats, light: Light, views: int, size_px: int, leaf: Floats
) -> list[View]:
    """One full turn in `views` steps. All views share one scale: the fruit's broadest outline fills the square. `leaf`
    is the calyx's colour, sRGB 0 to 1."""
    points = _points(maps) @ pose.T
    every = points.reshape(-1, 3)
    if calyx is not None:
        every = np.concatenate([every, calyx.points @ pose.T])
    low, high = float(every[:, 1].min()), float(every[:, 1].max())
    half = max(float(np.hypot(every[:, 0], every[:, 2]).max()), (high - low) / 2) * size_px / (size_px - 1.5)
    shapes = _shapes(maps, calyx, leaf)
    found = []
    for n, turned in enumerate(poses(pose, views)):
        picture = _render(shapes, turned, light, size_px, half, (low + high) / 2, n)
        found.append(View(_developed(picture, light), damage_seen(maps, turned)))
    return found


def poses(pose: Floats, views: int) -> list[Floats]:
    """The rotations of one full turn about the picture's vertical axis."""
    found = []
    for angle in np.arange(views) * 2 * np.pi / views:
        about = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
        found.append((about @ pose).astype(np.float32))
    return found


def _points(maps: Maps) -> Floats:
    return np.asarray(DIRECTIONS * maps.radius[..., None], np.float32)


def _normals(points: Floats) -> Floats:
    """Normals of the surface, as long as their cells are large."""
    down = np.gradient(points, axis=0)
    around = (np.roll(points, -1, axis=1) - np.roll(points, 1, axis=1)) / 2
    return np.asarray(np.cross(down, around), np.float32)


def damage_seen(maps: Maps, pose: Floats) -> float:
    """The fraction of the outline's area that is hurt: every cell counts with the area that it shows."""
    shown = np.clip((_normals(_points(maps)) @ pose.T)[..., 2], 0, None)
    return float(shown[maps.damage > 0.5].sum() / shown.sum())


def _shapes(maps: Maps, calyx: Mesh | None, leaf: Floats) -> list[Shape]:
    """Each mesh with its surface."""
    rough = np.clip(0.62 - 0.46 * maps.gloss, 0.12, 0.95)[..., None]
    coat = np.clip(0.9 * maps.gloss - 0.2, 0, 1)[..., None]
    skin = {
        "type": "principled",
        "base_color": _texture(_linear(maps.colour)),
        "roughness": _texture(rough),
        "specular": 0.45,
        "clearcoat": _texture(coat),
        "clearcoat_gloss": 0.85,
    }
    shapes = [_fruit_mesh(maps, skin)]
    if calyx is not None:
        dull = {"type": "principled", "base_color": {"type": "rgb", "value": _linear(leaf).tolist()}, "roughness": 0.7}
        shapes.append(_mesh("calyx", {"type": "twosided", "bsdf": dull}, calyx.points, calyx.faces))
    return shapes


def _fruit_mesh(maps: Maps, skin: dict[str, Any]) -> Shape:
    points = _points(maps)
    normals = _normals(points)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True) + 1e-12
    closed, facing = (np.concatenate([some, some[:, :1]], axis=1) for some in (points, normals))
    rows, columns = closed.shape[:2]
    u, v = np.meshgrid((np.arange(columns) + 0.5) / COLUMNS, (np.arange(rows) + 0.5) / ROWS)
    poles = np.stack([points[0].mean(axis=0), points[-1].mean(axis=0)])
    ends = np.array([[0, 0, 1], [0, 0, -1]], np.float32)
    at = np.arange(rows - 1)[:, None] * columns + np.arange(columns - 1)[None]
    rim, last = np.arange(columns - 1), rows * columns
    foot = (rows - 1) * columns + rim
    faces = [
        np.stack([at, at + columns, at + 1], -1).reshape(-1, 3),
        np.stack([at + 1, at + columns, at + columns + 1], -1).reshape(-1, 3),
        np.stack([np.full_like(rim, last), rim, rim + 1], -1),
        np.stack([np.full_like(rim, last + 1), foot + 1, foot], -1),
    ]
    return _mesh(
        "fruit",
        skin,
        np.concatenate([closed.reshape(-1, 3), poles]),
        np.concatenate(faces),
        np.concatenate([facing.reshape(-1, 3), ends]),
        np.concatenate([np.stack([u, 1 - v], -1).reshape(-1, 2), [[0.5, 1], [0.5, 0]]]),
    )


def _mesh(
    name: str,
    surface: dict[str, Any],
    points: Floats,
    faces: NDArray[Any],
    normals: Floats | None = None,
    places: NDArray[Any] | None = None,
) -> Shape:
    told = mi.Properties()
    told["bsdf"] = mi.load_dict(surface)
    mesh: Shape = mi.Mesh(name, len(points), len(faces), told, normals is not None, places is not None)
    told = mi.traverse(mesh)
    told["vertex_positions"] = np.ascontiguousarray(points, np.float32).ravel()
    told["faces"] = np.ascontiguousarray(faces, np.uint32).ravel()
    if normals is not None and places is not None:
        told["vertex_normals"] = np.ascontiguousarray(normals, np.float32).ravel()
        told["vertex_texcoords"] = np.ascontiguousarray(places, np.float32).ravel()
    told.update()
    return mesh


def _render(
    shapes: list[Shape], pose: Floats, light: Light, size_px: int, half: float, middle: float, seed: int
) -> Floats:
    """Linear RGBA (S, S, 4), premultiplied. The fruit lies still in its own frame: camera and lamps go round it."""
    turned = np.eye(4)
    turned[:3, :3] = pose.T
    back: Placing = Transform(turned)
    eye = Transform().look_at(origin=[0, middle, 5], target=[0, middle, 0], up=[0, 1, 0])
    scene: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": 4, "hide_emitters": True},
        "sensor": {
            "type": "orthographic",
            "to_world": back @ eye.scale([half, half, 1]),
            "film": {
                "type": "hdrfilm",
                "width": size_px,
                "height": size_px,
                "pixel_format": "rgba",
                "rfilter": {"type": "box"},
            },
            "sampler": {"type": "multijitter", "sample_count": _SAMPLES, "seed": seed},
        },
        "sky": {"type": "constant", "radiance": _colour(_SKY * light.soft * light.warm)},
        "tent": _lamp(np.array([0, 0, 1, (1 - _SKY) * light.soft, 5]), light.warm, back),
        "belt": _lamp(np.array([0, 0, -1, 0, 12]), light.below, back),
    }
    for n, lamp in enumerate(light.lamps):
        scene[f"lamp{n}"] = _lamp(lamp, light.warm, back)
    for n, shape in enumerate(shapes):
        scene[f"shape{n}"] = shape
    picture = np.array(mi.render(mi.load_dict(scene), seed=seed), np.float32)
    return np.ascontiguousarray(picture[::-1])  # its y ran up


def _lamp(lamp: Floats, colour: Floats, back: Placing) -> dict[str, Any]:
    """A square lamp that gives its share of a white sheet's brightness; one without a share is as bright as its
    colour, such as a belt below."""
    toward, share, width = lamp[:3], float(lamp[3]), float(lamp[4])
    away = _AWAY if share else 1.6
    radiance = share * np.pi * away**2 / ((2 * width) ** 2 * max(0.5, float(toward[2]))) if share else 1.0
    place = Transform().look_at(origin=(toward * away).tolist(), target=[0, 0, 0], up=[0.013, 1, 0.007])
    return {
        "type": "rectangle",
        "to_world": back @ place.scale(width),
        "emitter": {"type": "area", "radiance": _colour(radiance * colour)},
    }


def _developed(picture: Floats, light: Light) -> NDArray[np.uint8]:
    """Down to 8 bits. Beyond the outline the edge's colour goes on, so that nothing bleeds in."""
    alpha = np.clip(picture[..., 3], 0, 1)
    premultiplied = np.ascontiguousarray(picture[..., :3] * (_BRIGHT * light.exposure))
    spread = cv2.blur(premultiplied, (5, 5)) / np.maximum(cv2.blur(alpha, (5, 5)), 1e-3)[..., None]
    linear = np.where(alpha[..., None] > 0.02, premultiplied / np.maximum(alpha, 0.02)[..., None], spread)
    coded = np.clip(linear, 0, 1) ** (1 / _GAMMA)
    return np.asarray(np.round(np.dstack([coded, alpha]) * 255), np.uint8)


def _texture(values: Floats) -> dict[str, Any]:
    bitmap = mi.Bitmap(np.ascontiguousarray(values, np.float32))
    return {"type": "bitmap", "bitmap": bitmap, "raw": True, "wrap_mode": "repeat"}


def _colour(values: Floats) -> dict[str, Any]:
    return {"type": "rgb", "value": [float(v) for v in values]}


def _linear(colour: Floats) -> Floats:
    return np.asarray(np.clip(colour, 0, 1) ** _GAMMA, np.float32)
