"""`python -m sim.atlas --seed N`: paints the built-in fruit, renders them with Mitsuba and writes the atlas.

Mitsuba comes with the extra `atlas` (`pip install -e .[atlas]`). The whole atlas takes about an hour on one core.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.datapath import LABELS
from sim.atlas.cultivar import VARIETIES
from sim.atlas.draw import KINDS
from sim.atlas.files import FOLDER, FORMAT, INDEX, encode_strip, read_index, write_index
from sim.atlas.paint import paint
from sim.atlas.render import View, turn

SIZE_PX = 96
SHOWN_FROM = 0.012
QUALITY = 80
SKINS = {
    "train": dict.fromkeys(LABELS, 90) | {"damaged": 320},
    "held": dict.fromkeys(LABELS, 44),
    "varieties": dict.fromkeys(VARIETIES, 10),
}
"""Damage comes in more kinds than ripeness: with 60 damaged skins, a network knew those by heart and missed others."""
VIEWS = {"train": 5, "held": 12, "varieties": 6}


def skin(seed: int, part: str, kind: str, number: int, size_px: int = SIZE_PX) -> tuple[dict[str, Any], list[View]]:
    """One skin: its line of the index (without `file`) and its views."""
    of = paint(seed, part, kind, number)
    views = turn(of, VIEWS[part], size_px)
    line = {
        "id": f"builtin/{part}/{kind}-{number:03d}",
        "label": of.fruit.label,
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


def _hurt(skins: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [skin for skin in skins if skin["label"] == "damaged"]


def _statistics(skins: list[dict[str, Any]]) -> dict[str, float | int]:
    """How often the damage of a damaged fruit faces the camera in one full turn."""
    shown = [[d >= SHOWN_FROM for d in skin["damage"]] for skin in _hurt(skins)]
    return {
        "damaged": len(shown),
        "damage_never_shown": sum(not any(views) for views in shown),
        "mean_share_of_views_with_damage": round(float(np.mean([np.mean(views) for views in shown])), 3),
    }


def write_atlas(folder: Path, seed: int, skins: Mapping[str, Mapping[str, int]], size_px: int = SIZE_PX) -> None:
    """Paint `skins` (part, then grade or colour) fruit into a folder; parts that it has and `skins` does not name stay.
    Takes some seconds a fruit. Raises ValueError where those that stay have another seed or size."""
    head: dict[str, Any] = {"format": FORMAT, "seed": seed, "size_px": size_px, "shown_from": SHOWN_FROM}
    parts = _kept(folder, head) if skins.keys() != KINDS.keys() and (folder / INDEX).exists() else {}
    for part in skins:
        (folder / part).mkdir(parents=True, exist_ok=True)
        parts[part] = [
            _write_skin(folder, f"{part}/{kind}-{number:03d}.webp", *skin(seed, part, kind, number, size_px))
            for kind, count in skins[part].items()
            for number in range(count)
        ]
    head["statistics"] = {part: _statistics(skins) for part, skins in parts.items() if _hurt(skins)}
    write_index(folder, {**head, "parts": {part: parts[part] for part in KINDS if part in parts}})


def _kept(folder: Path, head: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    index = read_index(folder)
    for key, value in head.items():
        if index[key] != value:
            raise ValueError(f"{folder / INDEX}: {key} = {index[key]}: parts of one atlas share it; asked for {value}")
    kept: dict[str, list[dict[str, Any]]] = index["parts"]
    return kept


def _write_skin(folder: Path, file: str, line: dict[str, Any], views: list[View]) -> dict[str, Any]:
    (folder / file).write_bytes(encode_strip([view.rgba for view in views], QUALITY))
    return {**line, "file": file}


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m sim.atlas", description=__doc__)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--out", type=Path, default=FOLDER)
    options.add_argument("--size", type=int, default=SIZE_PX, help="of a view, in pixels")
    options.add_argument("--part", choices=list(KINDS), action="append", help="this part alone; may be repeated")
    asked = options.parse_args()
    cv2.setNumThreads(1)
    try:
        write_atlas(asked.out, asked.seed, {part: SKINS[part] for part in asked.part or KINDS}, asked.size)
    except ValueError as error:
        options.error(str(error))


if __name__ == "__main__":
    main()
