"""The built-in fruit: the atlas that the simulator draws from, read as files. Training sees its train part alone."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.datapath import LABELS, UNKNOWN
from edge.errors import UsageFault
from training.dataset import RIPENESS, UNTOLD, Picture

_SOLID = 128

_UNSEEN, _SURE = 0.3, 2.5
"""Of `shown_from`: a view that shows less damage than the first is sound, more than the second is damaged; one between
teaches nothing of damage, since a person would not be sure of it either."""


def is_atlas(folder: Path) -> bool:
    """Whether a folder holds painted fruit, of whatever crop, in place of photographs."""
    return (folder / "index.json").is_file()


def atlas_folder() -> Path:
    """Where the atlas lies: in the simulator's package, found without importing it. Raises UsageFault."""
    found = importlib.util.find_spec("sim")
    for place in (found.submodule_search_locations or ()) if found else ():
        if (Path(place) / "atlas" / "index.json").is_file():
            return Path(place) / "atlas"
    raise UsageFault("builtin: the atlas sim/atlas/index.json is missing; run `python -m sim.atlas --seed 1`")


def read_atlas(folder: Path, part: str) -> tuple[list[Picture], list[Path]]:
    """Every view of the atlas's `part` ("train", "held" or "varieties"), and the files that they came from."""
    index = json.loads((folder / "index.json").read_text(encoding="utf-8"))
    if index.get("format") != 1:
        raise UsageFault(f"{folder}/index.json: format {index.get('format')}: must be 1; make the atlas again")
    pictures, files = [], []
    for skin in index["parts"][part]:
        path = folder / skin["file"]
        files.append(path)
        views = _views(path, index["size_px"])
        pictures += [_picture(skin, n, view, index["shown_from"]) for n, view in enumerate(views)]
    return pictures, files


def _views(path: Path, side: int) -> list[NDArray[np.uint8]]:
    strip = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    if strip is None or strip.ndim != 3 or strip.shape[2] != 4 or strip.shape[0] != side:
        raise UsageFault(f"{path}: not a strip of RGBA views {side} px high; make the atlas again")
    rgba = cv2.cvtColor(strip, cv2.COLOR_BGRA2RGBA)
    return [np.ascontiguousarray(rgba[:, n : n + side], np.uint8) for n in range(0, rgba.shape[1], side)]


def _picture(skin: dict[str, Any], order: int, view: NDArray[np.uint8], shown_from: float) -> Picture:
    shown = skin["damage"][order]
    damage = UNTOLD
    if shown <= _UNSEEN * shown_from or shown >= _SURE * shown_from:
        damage = int(shown >= shown_from)
    # Rot and mould hide the skin's own colour: only views without damage teach ripeness.
    ripeness = RIPENESS.index(skin["grade"]) if damage == 0 else UNTOLD
    assert skin["label"] in (*LABELS, UNKNOWN)
    mask = np.where(view[..., 3] >= _SOLID, 255, 0).astype(np.uint8)
    pixels = np.ascontiguousarray(view[..., :3])
    cultivar = skin.get("cultivar", "")
    return Picture("builtin", skin["id"], order, pixels, mask, skin["label"], ripeness, damage, 1, cultivar)
