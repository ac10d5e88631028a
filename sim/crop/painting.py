"""A crop's fruit as an atlas (`sim.atlas.files`): what `sorter sim --fruit-images` and `sorter train --data` take."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from edge.datapath import LABELS
from edge.errors import UsageFault
from sim.atlas.files import FORMAT, encode_strip, write_index
from sim.crop.definition import Crop
from sim.crop.growing import PARTS, grow
from sim.crop.shading import View, turn

SIZE_PX = 96
SHOWN_FROM = 0.012
_QUALITY = 80

Plan = list[tuple[str, str, int]]
"""Part, label or stranger, number: a fruit each."""


def plan(crop: Crop, fruit: int | None = None) -> Plan:
    """Every fruit that is to be painted; `fruit` of each grade and stranger in every part, in place of the crop's own
    counts."""
    count = crop.count
    counts = {
        part: {label: many * (count.damaged if label == LABELS[-1] and part == "train" else 1) for label in LABELS}
        for part, many in (("train", count.train), ("held", count.held))
    } | {"varieties": dict.fromkeys(crop.strangers, count.strangers)}
    return [
        (part, kind, number)
        for part, kinds in counts.items()
        for kind, many in kinds.items()
        for number in range(many if fruit is None else fruit)
    ]


def paint(crop: Crop, folder: Path, fruit: int | None = None, done: Callable[[], None] = lambda: None) -> int:
    """Paint a crop into a folder, in place of the one that it may hold; returns how many fruit. `done` hears of each.

    Raises UsageFault where the folder holds something else.
    """
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir()) and not (folder / "index.json").is_file()):
        raise UsageFault(f"{folder}: holds something else than painted fruit; give another folder")
    lines: dict[str, list[dict[str, Any]]] = {part: [] for part in PARTS}
    planned = plan(crop, fruit)
    for part in PARTS:
        (folder / part).mkdir(parents=True, exist_ok=True)
        for old in (folder / part).glob("*.webp"):
            old.unlink()
    for part, kind, number in planned:
        lines[part].append(_fruit(crop, folder, part, kind, number))
        done()
    head = {"format": FORMAT, "crop": crop.name, "seed": crop.seed, "size_px": SIZE_PX, "shown_from": SHOWN_FROM}
    write_index(folder, {**head, "parts": lines})
    return len(planned)


def _fruit(crop: Crop, folder: Path, part: str, kind: str, number: int) -> dict[str, Any]:
    grown = grow(crop, part, kind, number)
    views = turn(grown, crop.count.train_views if part == "train" else crop.count.held_views, SIZE_PX)
    file = f"{part}/{kind}-{number:03d}.webp"
    (folder / file).write_bytes(encode_strip([view.rgba for view in views], _QUALITY))
    return {
        "id": f"{crop.name}/{part}/{kind}-{number:03d}",
        "label": grown.label,
        "grade": grown.ripe,
        "ripeness": round(grown.ripeness, 3),
        "cultivar": f"{crop.name} {kind}" if part == "varieties" else crop.name,
        "kinds": grown.kinds,
        "views": len(views),
        "aspect": round(float(np.mean([_aspect(view) for view in views])), 3),
        "damage": [round(view.damage, 4) for view in views],
        "file": file,
    }


def _aspect(view: View) -> float:
    solid = view.rgba[..., 3] > 127
    return float(np.count_nonzero(solid.any(axis=0)) / np.count_nonzero(solid.any(axis=1)))
