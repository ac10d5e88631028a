"""A fruit as it is before anybody looks at it, from its seed: skin, damage, calyx, pose and the lamps over it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edge.datapath import UNKNOWN
from sim.atlas.calyx import Mesh, draw_calyx
from sim.atlas.damage import paint_damage
from sim.atlas.draw import HUES_DEG, Fruit, draw_fruit, generator
from sim.atlas.light import Light, draw_light
from sim.atlas.pose import any_pose
from sim.atlas.skin import paint_sound
from sim.atlas.surface import Floats, Maps, hue_deg, rgb

_CALYX = 0.4
"""How many fruit come with theirs."""

_DRAWS = 200
"""About every second one will do."""


@dataclass(frozen=True, slots=True)
class Painted:
    """`kinds` of damage; `leaf` is the calyx's colour, sRGB 0 to 1, where there is one."""

    fruit: Fruit
    kinds: str
    maps: Maps
    calyx: Mesh | None
    leaf: Floats
    pose: Floats
    light: Light


def paint(seed: int, part: str, kind: str, number: int) -> Painted:
    """The same fruit for the same four."""
    rng = generator(seed, part, kind, number)
    fruit, maps = _grown(rng, part, kind)
    kinds = paint_damage(rng, maps) if fruit.label == "damaged" else ""
    calyx = draw_calyx(rng, maps.radius) if rng.random() < _CALYX else None
    leaf = rgb(*rng.uniform((48, 74, 30), (108, 118, 66))) / np.float32(255)
    return Painted(fruit, kinds, maps, calyx, leaf, any_pose(rng), draw_light(rng, fruit.spread))


def _grown(rng: np.random.Generator, part: str, kind: str) -> tuple[Fruit, Maps]:
    """A fruit before any damage, drawn until its skin is of its grade's hue; of the varieties every one is."""
    for _ in range(_DRAWS):
        fruit = draw_fruit(rng, part, kind)
        maps = paint_sound(rng, fruit)
        low, high = HUES_DEG[fruit.grade]
        if fruit.label == UNKNOWN or low <= hue_deg(maps) <= high:
            return fruit, maps
    raise ValueError(f"{part}/{kind}: none of {_DRAWS} fruit drawn has the hue of its grade: see sim.atlas.draw")
