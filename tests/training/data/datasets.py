"""Small datasets of built-in fruit on drawn backgrounds, sound or with a fault planted."""

from __future__ import annotations

import csv
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from sim.fruit import load_builtin

FRUIT, VIEWS = 8, 4
COLUMNS = ("file", "fruit", "label", "split", "source", "cultivar", "light")


@dataclass(frozen=True)
class Line:
    file: str
    fruit: str
    label: str
    split: str
    source: str
    cultivar: str
    light: str


def sound(folder: Path) -> list[Line]:
    """Three labels of eight fruit with four views each, of two sources, lights and cultivars, split by fruit."""
    rng = np.random.default_rng(3)
    lines = []
    for label in ("green", "red", "turning"):
        skins = [skin for skin in load_builtin("held") if skin.label == label][:FRUIT]
        for n, skin in enumerate(skins):
            for view in range(VIEWS):
                name = f"{label}-{n}-{view}.jpg"
                light = ("lamp", "day")[(n + view) % 2]
                picture = pictured(skin.view(view * skin.views // VIEWS), rng, 1.0 if light == "lamp" else 0.8)
                assert cv2.imwrite(str(folder / name), picture, [cv2.IMWRITE_JPEG_QUALITY, 92])
                fruit = f"{label}-{n}"
                split = "test" if n % 4 == 3 else "train"
                lines.append(Line(name, fruit, label, split, ("a", "b")[n % 2], ("plum", "beef")[n // 2 % 2], light))
    write(folder, lines)
    return lines


def pictured(view, rng, light: float):
    """A view on a plain background, uint8 BGR."""
    side = 160
    background = np.full((side, side, 3), rng.integers(90, 235), np.float32)
    fruit = cv2.resize(view, (120, 120)).astype(np.float32)
    y, x = rng.integers(10, 30, 2)
    share = fruit[..., 3:] / 255
    place = np.s_[y : y + 120, x : x + 120]
    background[place] = background[place] * (1 - share) + fruit[..., 2::-1] * share
    noisy = background * light + rng.normal(0, 3, background.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8)


def write(folder: Path, lines: list[Line]) -> None:
    with (folder / "dataset.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, COLUMNS)
        table.writeheader()
        table.writerows(asdict(line) for line in lines)


def changed(lines: list[Line], which, **to: str) -> list[Line]:
    """The lines, those that `which` names changed."""
    return [replace(line, **to) if which(line) else line for line in lines]
