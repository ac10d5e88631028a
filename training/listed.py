"""Datasets that list their pictures (`dataset.csv`: see `training.data.listing`), as training reads them.

A picture with an outline (alpha) is taken as it is; of any other the fruit is cut out as the device would. `split` says
the part of a fruit, where it is one of `train`, `validation`, `held`; else its lot does. `shows` (`damage` or nothing)
says of which picture of a damaged fruit people's word can be taught: without the column, of every one.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np

from edge.datapath import LABELS, UNKNOWN
from edge.errors import ImageFault, UsageFault
from training.data.listing import LIST, Row, read_listing
from training.dataset import PARTS, RIPENESS, UNTOLD, Dataset, Part, Picture, part_by_lot
from training.photographs import cut_out

HELD = 0.2
"""The share of fruit that is held out where a list says no split."""

_SOLID = 128


def is_listed(folder: Path) -> bool:
    return (folder / LIST).is_file()


def read_listed(folder: Path, validation: float) -> Dataset:
    """Every picture of the list. `validation`: the share of fruit where it says no split. Raises UsageFault, ImageFault
    for a picture that cannot be read."""
    listing = read_listing(folder)
    shows = _shows(folder)
    parts: dict[Part, list[Picture]] = {part: [] for part in PARTS}
    files: list[Path] = []
    orders: dict[str, int] = defaultdict(int)
    for row in listing.rows:
        picture = _picture(row, orders[row.fruit_key], shows.get(row.name, True))
        orders[row.fruit_key] += 1
        part = _part(row, validation)
        parts[part].append(picture)
        if part != "held":
            files.append(row.path)
    _check(folder, parts)
    return Dataset(parts, tuple(files))


def _part(row: Row, validation: float) -> Part:
    told = next((part for part in PARTS if part == row.split), None)
    return told or part_by_lot(row.fruit_key, HELD, validation)


def _picture(row: Row, order: int, shown: bool) -> Picture:
    if row.label not in (*LABELS, UNKNOWN):
        raise UsageFault(f"{row.name}: label {row.label}: must be {', '.join((*LABELS, UNKNOWN))}; correct {LIST}")
    rgba = cv2.imread(str(row.path), cv2.IMREAD_UNCHANGED)
    if rgba is None:
        raise ImageFault(f"{row.path}: not a picture that can be read; take its line out, or fetch it again")
    if rgba.ndim == 3 and rgba.shape[2] == 4:
        pixels = np.ascontiguousarray(rgba[..., 2::-1], np.uint8)
        mask = np.where(rgba[..., 3] >= _SOLID, 255, 0).astype(np.uint8)
    else:
        pixels, mask = cut_out(row.path)
    ripeness = RIPENESS.index(row.label) if row.label in RIPENESS else UNTOLD
    damage = 0 if row.label in RIPENESS else UNTOLD
    if row.label == "damaged" and shown:
        damage = 1
    known = int(row.label != UNKNOWN)
    return Picture(row.source, row.fruit, order, pixels, mask, row.label, ripeness, damage, known, row.cultivar)


def _shows(folder: Path) -> dict[str, bool]:
    with (folder / LIST).open(newline="", encoding="utf-8") as lines:
        table = csv.DictReader(lines)
        if "shows" not in (table.fieldnames or ()):
            return {}
        return {str(row["file"]).strip(): row["shows"] == "damage" for row in table}


def _check(folder: Path, parts: dict[Part, list[Picture]]) -> None:
    homes: dict[str, Part] = {}
    for part, pictures in parts.items():
        for picture in pictures:
            if homes.setdefault(picture.fruit_key, part) != part:
                raise UsageFault(f"{folder / LIST}: fruit {picture.fruit_key} is in two splits; keep it in one")
