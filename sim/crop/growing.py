"""One fruit of a crop before anybody looks at it: shape, skin, what is wrong with it, how it lies, and its light."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.datapath import LABELS, UNKNOWN
from sim.atlas.cultivar import Cultivar, shape_radius
from sim.atlas.damage import paint_damage
from sim.atlas.draw import SPREADS, Spread
from sim.atlas.light import Light, draw_light
from sim.atlas.pose import any_pose
from sim.atlas.surface import (
    COLUMNS,
    DIRECTIONS,
    ROWS,
    Floats,
    Maps,
    angle_to,
    any_direction,
    blend,
    grain,
    noise,
    rgb,
    step,
)
from sim.crop.definition import Crop, Ripening, Shape, Skin

PARTS = ("train", "held", "varieties")
RIPENESS = LABELS[:3]
_STEM = np.array([0, 0, 1], np.float32)


@dataclass(frozen=True, slots=True)
class Grown:
    """`label` is its true one; `ripe` the label of its ripeness whatever its damage; `kinds` of damage, joined."""

    label: str
    ripe: str
    ripeness: float
    kinds: str
    maps: Maps
    pose: Floats
    light: Light


def grow(crop: Crop, part: str, kind: str, number: int) -> Grown:
    """The same fruit for the same five; `kind`: a label, or a stranger's name (part `varieties`)."""
    kinds = list(crop.strangers) if part == "varieties" else list(LABELS)
    rng = np.random.default_rng([crop.seed, PARTS.index(part), kinds.index(kind), number])
    spread = SPREADS[part]
    if part == "varieties":
        ripe, ripening = LABELS[2], Ripening(at=(0.0, 1.0), rgb=(crop.strangers[kind].rgb,) * 2)
    else:
        ripe, ripening = kind if kind in RIPENESS else str(rng.choice(RIPENESS)), crop.ripening
    ripeness = float(rng.uniform(*(crop.of_label(ripe)[1].ripeness or (0.0, 1.0))))
    maps = _sound(rng, crop, ripening, ripeness, spread)
    hurt = paint_damage(rng, maps, crop.of_label(kind)[1].kinds) if kind == LABELS[-1] else ""
    label = UNKNOWN if part == "varieties" else kind
    return Grown(label, ripe, ripeness, hurt, maps, any_pose(rng), draw_light(rng, spread))


def _sound(rng: np.random.Generator, crop: Crop, ripening: Ripening, ripeness: float, spread: Spread) -> Maps:
    zero = np.zeros((ROWS, COLUMNS), np.float32)
    gloss = np.full_like(zero, rng.uniform(*crop.skin.gloss))
    maps = Maps(_radius(rng, crop.shape), _colour(rng, crop.skin, ripening, ripeness, spread), gloss, zero)
    maps.colour *= 1 + np.float32(crop.skin.speckled) * grain(rng)[..., None]
    _marks(rng, maps)
    _stem(rng, maps, crop.skin)
    np.clip(maps.colour, 0.01, 0.99, out=maps.colour)
    return maps


def _radius(rng: np.random.Generator, shape: Shape) -> Floats:
    own = Cultivar("", shape.flatness, (3, 5), (0.0, 0.012), shape.taper, shape.dimple)
    radius = shape_radius(rng, own)
    azimuth = np.arctan2(DIRECTIONS[..., 1], DIRECTIONS[..., 0]) - np.float32(rng.uniform(-np.pi, np.pi))
    away = np.abs(np.angle(np.exp(1j * azimuth)))
    seam = step(away, 0.35, 0.0) * (1 - DIRECTIONS[..., 2] ** 2)
    return np.asarray(radius * (1 - np.float32(shape.suture * rng.uniform(0.4, 1.0)) * seam), np.float32)


def _colour(rng: np.random.Generator, skin: Skin, ripening: Ripening, ripeness: float, spread: Spread) -> Floats:
    """Riper on the side that the sun saw, and in smooth patches."""
    uneven = skin.uneven * rng.uniform(0.3, 1.3)
    sunny = DIRECTIONS @ any_direction(rng)
    places = ripeness + uneven * (0.6 * sunny + 0.6 * noise(rng, rng.uniform(1.5, 4.0))) + 0.008 * noise(rng, 9.0)
    known = np.array(ripening.rgb, np.float32) * (1 + rng.normal(0, spread.tint, 3))
    painted = np.stack([np.interp(places, ripening.at, known[:, n]) for n in range(3)], axis=-1) / 255
    grey = painted.mean(axis=-1, keepdims=True)
    painted = grey + (painted - grey) * rng.uniform(*spread.saturation)
    painted *= rng.uniform(*spread.brightness) * (1 + 0.02 * noise(rng, 6.0)[..., None])
    return np.asarray(np.clip(painted, 0.01, 0.98), np.float32)


def _marks(rng: np.random.Generator, maps: Maps) -> None:
    """A few small marks that any sound fruit carries."""
    for _ in range(rng.integers(0, 4)):
        mark = step(angle_to(any_direction(rng)), 0.05, 0.02) * np.float32(rng.uniform(0.2, 0.5))
        blend(maps, mark, rgb(126, 92, 56))


def _stem(rng: np.random.Generator, maps: Maps, skin: Skin) -> None:
    """The scar that the stalk left, darker in its middle, and the point at the other end."""
    angle = angle_to(_STEM) * (1 + 0.10 * noise(rng, 5.0))
    size = skin.stem_rad * rng.uniform(0.8, 1.25)
    scar = step(angle, size, size * 0.7)
    blend(maps, scar, rgb(*skin.stem) * (1 + 0.14 * noise(rng, 22.0)[..., None]))
    blend(maps, step(angle, size * 0.45, size * 0.25) * np.float32(0.6), rgb(*skin.stem) * np.float32(0.55))
    maps.gloss *= 1 - 0.9 * scar
    blend(maps, step(angle_to(-_STEM), 0.05, 0.02) * np.float32(0.7), rgb(*skin.stem) * np.float32(0.7))
