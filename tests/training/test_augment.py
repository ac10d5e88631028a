from dataclasses import replace

import numpy as np
import pytest

from edge.bundle import Preprocessing
from training.augment import LINE, Strength, look, seen, stranger
from training.calyx import with_stalk_end
from training.colour import hue_deg, recoloured
from training.dataset import UNTOLD, Picture

SPEC = Preprocessing(version=1, size_px=64, background=112, margin=0.06)


def disc(source: str = "turntable", damage: int = 0) -> Picture:
    rows, columns = np.mgrid[:100, :100] - 50
    mask = np.where(rows**2 + columns**2 < 45**2, 255, 0).astype(np.uint8)
    pixels = np.full((100, 100, 3), (200, 30, 20), np.uint8)
    return Picture(source, "one", 0, pixels, mask, "red", 2, damage, 1)


def test_a_look_is_the_same_for_the_same_seed() -> None:
    first, second = (look(disc(), SPEC, np.random.default_rng(5)) for _ in range(2))
    assert np.array_equal(first[0], second[0])
    assert first[1] == second[1]
    assert first[0].shape == (64, 64, 3)


def test_recoloured_looks_teach_the_ripeness_that_they_were_given_and_stay_sound() -> None:
    rng = np.random.default_rng(1)
    assert {look(disc(), SPEC, rng)[1] for _ in range(60)} == {(n, 0, 1) for n in range(3)}


def test_damage_is_damage_in_every_colour_and_teaches_no_ripeness() -> None:
    rng = np.random.default_rng(1)
    rotten = Picture("ageing", "one", 0, disc().pixels, disc().mask, "damaged", UNTOLD, 1, 1)
    looks = [look(rotten, SPEC, rng) for _ in range(40)]
    assert {targets for _, targets in looks} == {(UNTOLD, 1, 1)}
    assert any(tensor[32, 32, 1] > tensor[32, 32, 0] for tensor, _ in looks)


def test_most_rendered_fruit_keep_their_own_colour_and_all_do_where_damage_shows() -> None:
    rng = np.random.default_rng(1)
    kept = [look(disc("builtin"), SPEC, rng)[1] == (2, 0, 1) for _ in range(80)]
    assert 0.7 < np.mean(kept) < 1
    rotten = replace(disc("builtin", damage=1), ripeness=UNTOLD)
    tensors = [look(rotten, SPEC, rng)[0][32, 32].astype(int) for _ in range(40)]
    assert all(red > green for red, green, _ in tensors)


@pytest.mark.parametrize(("grade", "lowest", "highest"), [("green", 90, 160), ("red", 15, 50)])
def test_a_new_ripeness_has_its_hue(grade: str, lowest: float, highest: float) -> None:
    picture, rng = disc(), np.random.default_rng(2)
    hues = [hue_deg(recoloured(picture.pixels, picture.mask, grade, rng), picture.mask) for _ in range(20)]
    assert lowest < min(hues) <= max(hues) < highest


def test_a_stranger_is_no_tomato_and_teaches_nothing_else() -> None:
    made = stranger(disc(), np.random.default_rng(3))
    assert (made.grade, made.ripeness, made.damage, made.known) == ("unknown", UNTOLD, UNTOLD, 0)
    assert not np.array_equal(made.pixels, disc().pixels)


def test_crop_and_mask_cover_one_box() -> None:
    rng = np.random.default_rng(4)
    for _ in range(50):
        crop, mask = seen(disc(), rng, LINE)
        assert crop.ndim == 3 and mask.ndim == 2
        assert abs(crop.shape[0] - 2 * mask.shape[0]) <= 1 and abs(crop.shape[1] - 2 * mask.shape[1]) <= 1
        assert 0.6 < (mask > 127).mean() <= 1


def test_other_fruit_keep_their_colours_and_stay_strangers() -> None:
    apple = Picture("turntable", "Apple_Golden_2", 0, disc().pixels, disc().mask, "unknown", UNTOLD, 0, 0)
    rng = np.random.default_rng(6)
    looks = [look(apple, SPEC, rng) for _ in range(30)]
    assert {targets for _, targets in looks} == {(UNTOLD, 0, 0)}
    assert all(tensor[40, 40, 0] > tensor[40, 40, 1] for tensor, _ in looks)


def test_a_stalk_end_lies_on_the_fruit_alone() -> None:
    picture, rng = disc(), np.random.default_rng(7)
    for _ in range(20):
        made = with_stalk_end(picture.pixels, picture.mask, rng)
        changed = (made != picture.pixels).any(axis=2)
        assert not changed[picture.mask == 0].any()
        assert 0 < changed.sum() < 0.4 * np.count_nonzero(picture.mask)


def test_what_lies_on_a_fruit_leaves_what_it_teaches_as_it_was() -> None:
    rng = np.random.default_rng(8)
    bare = Strength(recolour=0.0, stalk=0.0, dress=0.0)
    plain, dressed = (look(disc(), SPEC, rng, strength) for strength in (bare, replace(bare, dress=1.0)))
    assert plain[1] == dressed[1] == (2, 0, 1)
    assert not np.array_equal(plain[0], dressed[0])
