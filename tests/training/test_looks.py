from pathlib import Path

import numpy as np
import pytest

from training.blemish import blemished
from training.dataset import UNTOLD, Picture
from training.folds import folds_by_fruit
from training.looks import BLEMISHED, MADE_UP, Looks, make_looks
from training.recipe import Recipe, load_recipe


def looks_of(fruit: list[str], groups: list[str]) -> Looks:
    n = len(fruit)
    empty = np.zeros((n, 1, 1, 3), np.uint8)
    return Looks(empty, 1.0, 0, empty, np.zeros((n, 3), np.int8), np.array(fruit), np.array(groups), "these")


def disc(source: str, fruit: str, order: int = 0, damage: int = 0) -> Picture:
    rows, columns = np.mgrid[:60, :60] - 30
    mask = np.where(rows**2 + columns**2 < 27**2, 255, 0).astype(np.uint8)
    pixels = np.full((60, 60, 3), (200, 30, 20), np.uint8)
    return Picture(source, fruit, order, pixels, mask, "red", UNTOLD if damage else 2, damage, 1)


def small() -> Recipe:
    recipe, _ = load_recipe("student")
    return recipe.model_copy(update={"looks": recipe.looks.model_copy(update={"count": 64})})


def test_a_group_teaches_by_its_weight_and_a_fruit_by_its_equal_share() -> None:
    looks = looks_of(["a", "a", "a", "b", "c"], ["g", "g", "g", "g", "h"])
    share = looks.shares({"g": 3.0})
    assert share == pytest.approx([0.125, 0.125, 0.125, 0.375, 0.25])


def test_fruit_left_out_is_never_drawn_and_the_rest_keeps_its_balance() -> None:
    looks = looks_of(["a", "a", "b", "c"], ["g", "g", "g", "h"])
    assert looks.shares({}, left_out=["a"]) == pytest.approx([0, 0, 0.5, 0.5])
    assert looks.shares({}, left_out={"c"}) == pytest.approx([0.25, 0.25, 0.5, 0])


def test_folds_hold_every_fruit_once_and_are_even() -> None:
    folds = folds_by_fruit([f"ageing/fruit_{n}" for n in range(53)] * 2, 5)
    assert sum(map(len, folds)) == len(frozenset.union(*folds)) == 53
    assert {len(fold) for fold in folds} == {10, 11}
    assert folds == folds_by_fruit([f"ageing/fruit_{n}" for n in reversed(range(53))], 5)


@pytest.mark.slow
def test_looks_broken_off_are_not_made_again_and_come_out_the_same(tmp_path: Path) -> None:
    pictures = [disc("ageing", "a"), disc("ageing", "b", damage=1), disc("builtin", "c"), disc("turntable", "d")]
    told: list[tuple[int, int]] = []
    first = make_looks(small(), pictures, None, tmp_path, lambda *done: told.append(done))
    assert told[0][0] == 0 and told[-1][0] == told[-1][1]
    assert {MADE_UP, BLEMISHED, "ageing:damaged", "ageing:red", "builtin:red"} <= set(first.groups)
    assert set(first.targets[first.groups == BLEMISHED][:, 1]) == {1}
    assert set(first.targets[first.groups == MADE_UP][:, 2]) == {0}
    told.clear()
    again = make_looks(small(), pictures, None, tmp_path, lambda *done: told.append(done))
    assert told == [(told[0][1], told[0][1])]
    assert np.array_equal(first.maps, again.maps)
    for path in tmp_path.glob("looks-*.npz"):
        path.unlink()
    anew = make_looks(small(), pictures, None, tmp_path, lambda *_: None)
    assert np.array_equal(first.maps, anew.maps) and np.array_equal(first.fruit, anew.fruit)


def test_painted_damage_lies_on_the_fruit_and_is_seen() -> None:
    picture, rng = disc("turntable", "a"), np.random.default_rng(3)
    for _ in range(40):
        made = blemished(picture.pixels, picture.mask, rng)
        apart = np.abs(made.astype(int) - picture.pixels).max(axis=2)
        assert not apart[picture.mask == 0].any()
        assert np.count_nonzero(apart > 25) > 0.003 * np.count_nonzero(picture.mask)
