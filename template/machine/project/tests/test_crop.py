"""The painted fruit: a person could grade them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from conftest import ROOT
from sim.crop.definition import load_crop
from sim.crop.growing import RIPENESS, grow
from sim.fruit import load_builtin

FRUIT = 8


def _colour(label: str, number: int) -> np.ndarray:
    """The Lab colour of a fruit's whole skin."""
    maps = grow(load_crop(ROOT / "crop.toml"), "held", label, number).maps
    return np.median(cv2.cvtColor(maps.colour, cv2.COLOR_RGB2LAB), axis=(0, 1))


def test_each_fruit_is_nearest_in_colour_to_its_own_grade() -> None:
    colours = {label: [_colour(label, number) for number in range(FRUIT)] for label in RIPENESS}
    right = 0
    for label, some in colours.items():
        for number, colour in enumerate(some):
            middle = {
                other: np.mean([c for n, c in enumerate(of) if other != label or n != number], axis=0)
                for other, of in colours.items()
            }
            right += min(middle, key=lambda other: float(np.linalg.norm(middle[other] - colour))) == label
    assert right >= 0.9 * FRUIT * len(RIPENESS)


def test_damage_shows_on_damaged_fruit_and_on_no_other(fruit: Path) -> None:
    for skin in load_builtin("held", fruit):
        assert any(skin.damage_shown(n) for n in range(skin.views)) == (skin.label == "damaged"), skin.skin_id


@pytest.mark.parametrize("part", ["train", "held"])
def test_the_parts_are_different_fruit(fruit: Path, part: str) -> None:
    other = {"train": "held", "held": "train"}[part]
    mine, theirs = (load_builtin(name, fruit) for name in (part, other))  # type: ignore[arg-type]
    assert not any(np.array_equal(a.view(0), b.view(0)) for a in mine for b in theirs)
