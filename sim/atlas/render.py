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

from sim.atlas.light import Light
from sim.atlas.paint import Painted
from sim.atlas.pose import damage_seen, normals_of, points_of, poses
from sim.atlas.surface import COLUMNS, ROWS, Floats, Maps

mi.set_variant("scalar_rgb")

SAMPLES = 9
_SMOOTHING = 16
_AWAY = 8.0
_GAMMA = 2.2
_SKY = 0.4
"""Of the soft light this share comes from all round, the rest from a large white sheet above."""

_BRIGHT = 1.1
"""What a white sheet under the lamps would be, of the sensor's range."""

_IN_ORDER = {"parallel": False, "optimize": False}
"""Else the lamps come in another order every time, and with them the noise."""

Transform = mi.ScalarTransform4f


class Shape(Protocol):
    """A mesh as the path tracer has it."""


class Placing(Protocol):
    """A rotation of whatever comes after it."""

    def __matmul__(self, other: object) -> object: ...


@dataclass(frozen=True, slots=True)
class View:
    """`rgba` uint8 (S, S, 4); `damage`: the fraction of the outline's area in which damage shows."""

    rgba: NDArray[np.uint8]
    damage: float


def turn(of: Painted, views: int, size_px: int, samples: int = SAMPLES) -> list[View]:
    """One full turn in `views` steps. All views share one scale: the fruit's broadest outline fills the square.
    `samples` a pixel: with fewer it is noisier."""
    every = points_of(of.maps).reshape(-1, 3) @ of.pose.T
    if of.calyx is not None:
        every = np.concatenate([every, of.calyx.points @ of.pose.T])
    low, high = float(every[:, 1].min()), float(every[:, 1].max())
    half = max(float(np.hypot(every[:, 0], every[:, 2]).max()), (high - low) / 2) * size_px / (size_px - 1.5)
    shapes = _shapes(of)
    found = []
    for n, turned in enumerate(poses(of.pose, views)):
        film = _film(size_px, samples, n)
        picture = _render(shapes, turned, of.light, film, half, (low + high) / 2, n)
        found.append(View(_developed(_calmed(picture), of.light), damage_seen(of.maps, turned)))
    return found


def _shapes(of: Painted) -> list[Shape]:
    """Each mesh with its surface."""
    maps = of.maps
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
    if of.calyx is not None:
        dull = {"type": "principled", "base_color": _colour(_linear(of.leaf)), "roughness": 0.7}
        shapes.append(_mesh("calyx", {"type": "twosided", "bsdf": dull}, of.calyx.points, of.calyx.faces))
    return shapes


def _fruit_mesh(maps: Maps, skin: dict[str, Any]) -> Shape:
    points = points_of(maps)
    normals = normals_of(points)
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
        np.concatenate([np.stack([u, v], -1).reshape(-1, 2), [[0.5, 0], [0.5, 1]]]),
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
    shapes: list[Shape], pose: Floats, light: Light, film: dict[str, Any], half: float, middle: float, seed: int
) -> Floats:
    """Linear RGBA and the skin's own colour (S, S, 7), premultiplied. The fruit lies still in its own frame: camera and
    lamps go round it."""
    turned = np.eye(4)
    turned[:3, :3] = pose.T
    back: Placing = Transform(turned)
    eye = Transform().look_at(origin=[0, middle, 5], target=[0, middle, 0], up=[0, 1, 0])
    scene: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "path", "max_depth": 4, "hide_emitters": True, "block_size": 32},
        "sensor": {
            "type": "orthographic",
            "to_world": back @ eye.scale([half, half, 1]),
            **film,
        },
        "sky": {"type": "constant", "radiance": _colour(_SKY * light.soft * light.warm)},
        "tent": _lamp(np.array([0, 0, 1, (1 - _SKY) * light.soft, 5]), light.warm, back),
        "belt": _lamp(np.array([0, 0, -1, 0, 12]), light.below, back),
    }
    for n, lamp in enumerate(light.lamps):
        scene[f"lamp{n}"] = _lamp(lamp, light.warm, back)
    for n, shape in enumerate(shapes):
        scene[f"shape{n}"] = shape
    loaded = mi.load_dict(scene, **_IN_ORDER)
    bare = mi.load_dict({"type": "aov", "aovs": "skin:albedo", "block_size": 32})
    lit, own = mi.render(loaded, seed=seed), mi.render(loaded, integrator=bare, seed=seed, spp=2)
    picture = np.dstack([np.array(lit, np.float32), np.array(own, np.float32)[..., -3:]])
    return np.ascontiguousarray(picture[::-1])  # its y ran up


def _film(size_px: int, samples: int, seed: int) -> dict[str, Any]:
    size = {"width": size_px, "height": size_px}
    return {
        "film": {"type": "hdrfilm", **size, "pixel_format": "rgba", "rfilter": {"type": "box"}},
        "sampler": {"type": "multijitter", "sample_count": samples, "seed": seed},
    }


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


def _calmed(picture: Floats) -> Floats:
    """Premultiplied RGBA without the noise of few samples. The light on the skin is smooth where the skin's own colour
    need not be, and that colour is known: the light alone is smoothed, by non-local means (`_SMOOTHING`, of 255)."""
    light = picture[..., :3].mean(axis=-1) / (picture[..., 4:].mean(axis=-1) + 0.02 * picture[..., 3] + 1e-6)
    coded = np.sqrt(np.clip(light / 4, 0, 1)) * 255
    smooth = cv2.fastNlMeansDenoising(np.round(coded).astype(np.uint8), None, _SMOOTHING, 3, 9)
    gain = np.where(coded < 255, ((smooth + 0.5) / (coded + 0.5)) ** 2, 1)
    return np.asarray(picture[..., :4] * np.dstack([gain, gain, gain, np.ones_like(gain)]), np.float32)


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
