"""Photographs of real fruit, read from a folder that the user names: `turntable`, `ageing` and `shop/train`.

`lab` is another camera's, kept for the last word: `validation_only` reads it, and nothing that learns calls that.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.detect.still import one_fruit
from edge.errors import ImageFault, UsageFault
from training.colour import grade_by_hue, taught_ripeness
from training.cutouts import GLOSSY, SMOOTH, cut_out_of_heap
from training.dataset import RIPENESS, UNTOLD, Picture

TURNTABLE_GRADES = {
    "Tomato_2": "red",
    "Tomato_3": "red",
    "Tomato_4": "red",
    "Tomato_8": "red",
    "Tomato_Heart_1": "red",
    "Tomato_Cherry_Red_2": "red",
    "Tomato_5": "turning",
    "Tomato_10": "turning",
    "Tomato_11": "green",
    "Tomato_9": "damaged",
}
"""By look. The other tomatoes are varieties that no ripeness is told of; they are never seen in training."""

_BLEMISHED = ("Tomato_9", "Apple_Rotten_1", "Apple_worm_1")
_SHOWN = {"Tomato_9": {"r0": [(150, 246)], "r1": [(75, 150), (228, 249)], "r2": [(0, 200)]}}
"""By eye: axis and frames (both ends among them) in which the damage of a fruit faces the camera beyond doubt. Nobody
has said of the others that nothing shows."""

_TOMATOES = ("Beef-Tomato", "Regular-Tomato", "Vine-Tomato")
_PRODUCE = (
    "Kiwi",
    "Lemon",
    "Nectarine",
    "Orange",
    "Plum",
    "Pomegranate",
    "Red-Bell-Pepper",
    "Red-Delicious",
    "Solid-Potato",
    "Yellow-Onion",
)
_GLOSSY = frozenset({*_TOMATOES, "Plum", "Red-Bell-Pepper"})
_SIDE_PX = 128
_SERIAL = re.compile(r"(_\d+)+$")
_FRAME = re.compile(r"(?:(r\d*)_)?(\d+)_")


Read = tuple[list[Picture], list[Path]]
"""Pictures, and the file of each."""


def require(folder: Path) -> None:
    """Raise UsageFault unless `folder` holds the photographs that training reads."""
    if not folder.is_dir():
        raise UsageFault(f"{folder}: no such folder; give the folder of photographs to --data, or --data builtin")
    for name in ("turntable", "ageing"):
        if not (folder / name).is_dir():
            raise UsageFault(f"{folder}: no {name}/ here; give the folder that holds turntable/ and ageing/")
    if not (folder / "ageing" / "labels.csv").is_file():
        raise UsageFault(f"{folder}/ageing: labels.csv is missing; it says which photographs show damage")


def turntable(folder: Path, views: int) -> Read:
    """Up to `views` views of every fruit of the turntable that a grade is told of, and of apples and cherries."""
    pictures, files = [], []
    for fruit in sorted(path for path in (folder / "turntable").iterdir() if path.is_dir()):
        grade = TURNTABLE_GRADES.get(fruit.name, "" if fruit.name.startswith("Tomato") else "unknown")
        if not grade:
            continue
        paths = _spread(sorted(fruit.glob("*.jpg"), key=_turn), views)
        files += paths
        pictures += [_turntable_picture(path, order, grade) for order, path in enumerate(paths)]
    return pictures, files


def ungraded(folder: Path, views: int) -> list[Picture]:
    """Up to `views` views of each tomato of the turntable that no grade is told of: its grade is empty."""
    pictures: list[Picture] = []
    for fruit in sorted((folder / "turntable").glob("Tomato*")):
        if fruit.name not in TURNTABLE_GRADES:
            paths = _spread(sorted(fruit.glob("*.jpg"), key=_turn), views)
            pictures += [_turntable_picture(path, order, "") for order, path in enumerate(paths)]
    return pictures


def ageing(folder: Path) -> Read:
    """The photographs of ageing fruit whose state was seen by eye. A sound one is red or turning by its hue."""
    with (folder / "ageing" / "labels.csv").open(newline="", encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["condition"]]
    pictures, files = [], []
    for row in rows:
        path = folder / row["file"]
        pixels, mask = cut_out(path)
        is_damaged = row["condition"] == "damaged"
        grade = "damaged" if is_damaged else grade_by_hue(pixels, mask)
        ripeness = UNTOLD if is_damaged else taught_ripeness(pixels, mask, grade)
        fruit, shot = row["fruit"], int(row["shot"])
        pictures.append(Picture("ageing", fruit, shot, pixels, mask, grade, ripeness, int(is_damaged), 1))
        files.append(path)
    return pictures, files


def produce(folder: Path, part: str = "train") -> Read:
    """Single fruit cut out of the shop's photographs of heaps: tomatoes, sold as sound, with no grade told but red
    where their hue says so, and other produce. One photograph counts as one fruit; empty where there is no shop/."""
    pictures, files = [], []
    for kind in (*_TOMATOES, *_PRODUCE):
        grade, known = ("", 1) if kind in _TOMATOES else ("unknown", 0)
        limits = GLOSSY if kind in _GLOSSY else SMOOTH
        for path in sorted((folder / "shop" / part / kind).glob("*.jpg")):
            for order, (crop, mask) in enumerate(cut_out_of_heap(read(path), limits)):
                files.append(path)
                ripeness = taught_ripeness(crop, mask, grade_by_hue(crop, mask)) if known else UNTOLD
                damage = 0 if known else UNTOLD
                fruit = f"{kind}/{path.stem}"
                pictures.append(Picture("shop", fruit, order, crop, mask, grade, ripeness, damage, known, kind))
    return pictures, files


def kind_of(fruit: str) -> str:
    """The species of a stranger by its fruit's name, one for both sources: "apple" of Apple_Golden_2 and of
    Red-Delicious/Red-Delicious_001, "kiwi" of Kiwi/Kiwi_003."""
    if fruit.startswith("Red-Delicious"):
        return "apple"
    head = fruit.partition("/")[0]
    return (head if "/" in fruit else head.partition("_")[0]).lower()


def read(path: Path) -> NDArray[np.uint8]:
    """One picture as uint8 RGB (h, w, 3). Raises ImageFault."""
    pixels = cv2.imread(str(path), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise ImageFault(f"{path}: not a picture that can be read; take it away or fetch it again")
    return np.asarray(pixels, dtype=np.uint8)


def cut_out(path: Path) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The fruit as the device finds it in a still: its box's pixels, at most 128 px a side, and its mask."""
    found = one_fruit(read(path))
    height, width = found.crop.shape[:2]
    scale = min(1.0, _SIDE_PX / max(height, width))
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    pixels = cv2.resize(found.crop, shape, interpolation=cv2.INTER_AREA)
    mask = cv2.threshold(cv2.resize(found.mask, shape), 127, 255, cv2.THRESH_BINARY)[1]
    return np.asarray(pixels, np.uint8), np.asarray(mask, np.uint8)


def _turntable_picture(path: Path, order: int, grade: str) -> Picture:
    pixels, mask = cut_out(path)
    if grade in RIPENESS:
        ripeness = RIPENESS.index(grade) if grade == "green" else taught_ripeness(pixels, mask, grade)
    else:
        ripeness = UNTOLD
    # Sound fruit of any kind teach what is no damage: stalks, scars, highlights.
    damage = _damage(path) if path.parent.name in _BLEMISHED else 0
    name, known = path.parent.name, int(grade != "unknown")
    return Picture("turntable", name, order, pixels, mask, grade, ripeness, damage, known, _SERIAL.sub("", name))


def _damage(path: Path) -> int:
    """1 where damage faces the camera, UNTOLD elsewhere."""
    axis, frame = _turn(path)
    told = _SHOWN.get(path.parent.name, {}).get(axis, [])
    return 1 if any(first <= frame <= last for first, last in told) else UNTOLD


def _turn(path: Path) -> tuple[str, int]:
    """Axis and frame: the order in which the fruit turned."""
    found = _FRAME.match(path.name)
    return (found[1] or "", int(found[2])) if found else (path.name, 0)


def _spread(paths: Sequence[Path], count: int) -> list[Path]:
    if len(paths) <= count:
        return list(paths)
    return [paths[int(place)] for place in np.linspace(0, len(paths) - 1, count)]


def validation_only(folder: Path) -> list[tuple[Path, str]]:
    """The pictures of `lab` with their grades, for evaluation's last word alone. Empty where there are none."""
    pairs: Iterable[tuple[Path, str]] = (
        (path, grade) for grade in RIPENESS for path in sorted((folder / "lab" / grade).glob("*"))
    )
    return [(path, grade) for path, grade in pairs if path.suffix.lower() in {".jpg", ".jpeg", ".png"}]
