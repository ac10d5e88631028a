"""`python -m sim.atlas --seed N`: paints the built-in fruit and writes the atlas."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.datapath import LABELS
from sim.atlas.calyx import Mesh, draw_calyx
from sim.atlas.damage import paint_damage
from sim.atlas.draw import PARTS, Fruit, draw_fruit, generator
from sim.atlas.files import FOLDER, FORMAT, encode_strip, write_index
from sim.atlas.render import Light, View, any_pose, draw_light, turn
from sim.atlas.skin import paint_sound
from sim.atlas.surface import Floats, Maps, rgb

SIZE_PX = 96
SHOWN_FROM = 0.012
QUALITY = 80
CALYX = 0.4
"""How many fruit come with theirs."""
SKINS = {"train": dict.fromkeys(LABELS, 90) | {"damaged": 320}, "held": dict.fromkeys(LABELS, 44)}
"""Damage comes in more kinds than ripeness: with 60 damaged skins, a network knew those by heart and missed others."""
VIEWS = {"train": 5, "held": 12}


@dataclass(frozen=True, slots=True)
class Painted:
    """One fruit as it is, before anybody looks at it: `leaf` is its calyx's colour, where it has one."""

    fruit: Fruit
    kinds: str
    maps: Maps
    calyx: Mesh | None
    leaf: Floats
    pose: Floats
    light: Light


def paint(seed: int, part: str, label: str, number: int) -> Painted:
    """A fruit, its pose and the lamps over it, from its seed."""
    rng = generator(seed, part, label, number)
    fruit = draw_fruit(rng, part, label)
    maps = paint_sound(rng, fruit)
    kinds = paint_damage(rng, maps) if label == "damaged" else ""
    calyx = draw_calyx(rng, maps.radius) if rng.random() < CALYX else None
    leaf = rgb(*rng.uniform((48, 74, 30), (108, 118, 66))) / np.float32(255)
    return Painted(fruit, kinds, maps, calyx, leaf, any_pose(rng), draw_light(rng, fruit.spread))


def skin(seed: int, part: str, label: str, number: int) -> tuple[dict[str, Any], list[View]]:
    """One skin: its line of the index (without `file`) and its views."""
    of = paint(seed, part, label, number)
    views = turn(of.maps, of.calyx, of.pose, of.light, VIEWS[part], SIZE_PX, of.leaf)
    line = {
        "id": f"builtin/{part}/{label}-{number:03d}",
        "label": label,
        "grade": of.fruit.grade,
        "ripeness": round(of.fruit.ripeness, 3),
        "cultivar": f"{of.fruit.shape} {of.fruit.colour}",
        "kinds": of.kinds,
        "views": len(views),
        "aspect": round(float(np.mean([_aspect(view) for view in views])), 3),
        "damage": [round(view.damage, 4) for view in views],
    }
    return line, views


def _aspect(view: View) -> float:
    solid = view.rgba[..., 3] > 127
    return float(np.count_nonzero(solid.any(axis=0)) / np.count_nonzero(solid.any(axis=1)))


def _statistics(skins: list[dict[str, Any]]) -> dict[str, float | int]:
    """How often the damage of a damaged fruit faces the camera in one full turn."""
    shown = [[d >= SHOWN_FROM for d in skin["damage"]] for skin in skins if skin["label"] == "damaged"]
    return {
        "damaged": len(shown),
        "damage_never_shown": sum(not any(views) for views in shown),
        "mean_share_of_views_with_damage": round(float(np.mean([np.mean(views) for views in shown])), 3),
    }


def write_atlas(folder: Path, seed: int, skins: dict[str, dict[str, int]]) -> None:
    """Paint `skins` (part, then grade) fruit into a folder. Takes some seconds a fruit."""
    parts: dict[str, list[dict[str, Any]]] = {}
    for part in PARTS:
        (folder / part).mkdir(parents=True, exist_ok=True)
        parts[part] = []
        for label in LABELS:
            for number in range(skins[part][label]):
                line, views = skin(seed, part, label, number)
                line["file"] = f"{part}/{label}-{number:03d}.webp"
                (folder / line["file"]).write_bytes(encode_strip([view.rgba for view in views], QUALITY))
                parts[part].append(line)
    statistics = {part: _statistics(parts[part]) for part in PARTS}
    head = {"format": FORMAT, "seed": seed, "size_px": SIZE_PX, "shown_from": SHOWN_FROM, "statistics": statistics}
    write_index(folder, {**head, "parts": parts})


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m sim.atlas", description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, default=FOLDER)
    asked = options.parse_args()
    cv2.setNumThreads(1)
    write_atlas(asked.out, asked.seed, SKINS)


if __name__ == "__main__":
    main()
