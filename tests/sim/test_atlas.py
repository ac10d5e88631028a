"""The painter of the built-in fruit. `test_render.py` has what needs the path tracer."""

import numpy as np

from sim.atlas.cultivar import VARIETIES
from sim.atlas.draw import HUES_DEG
from sim.atlas.files import decode_strip, encode_strip, read_index
from sim.atlas.paint import paint
from sim.atlas.pose import damage_seen, poses
from sim.atlas.surface import DIRECTIONS, hue_deg, places
from sim.fruit import load_builtin


def test_the_same_seed_paints_the_same_fruit() -> None:
    first, again, other = (paint(seed, "train", "damaged", 5) for seed in (3, 3, 4))
    assert first.fruit == again.fruit
    assert all(np.array_equal(getattr(first.maps, name), getattr(again.maps, name)) for name in ("radius", "colour"))
    assert first.fruit != other.fruit


def test_the_committed_atlas_is_what_its_seed_paints() -> None:
    index = read_index()
    for part, kind, number in (("held", "damaged", 3), ("train", "turning", 7), ("varieties", "yellow", 2)):
        line, of = _line(index, part, kind, number), paint(index["seed"], part, kind, number)
        assert round(of.fruit.ripeness, 3) == line["ripeness"]
        assert (f"{of.fruit.shape} {of.fruit.colour}", of.kinds) == (line["cultivar"], line["kinds"])


def test_a_committed_view_says_whether_its_picture_shows_damage() -> None:
    index = read_index()
    for part, number in (("held", 3), ("held", 17), ("train", 40), ("train", 211)):
        line, of = _line(index, part, "damaged", number), paint(index["seed"], part, "damaged", number)
        shown = [damage_seen(of.maps, pose) >= index["shown_from"] for pose in poses(of.pose, line["views"])]
        assert shown == [fraction >= index["shown_from"] for fraction in line["damage"]]


def test_a_grade_is_the_hue_of_the_whole_skin_whatever_the_cultivar() -> None:
    index = read_index()
    for grade, (low, high) in HUES_DEG.items():
        lines = [line for line in index["parts"]["train"] if line["label"] == grade][::15]
        hues = [hue_deg(paint(index["seed"], "train", grade, int(line["id"][-3:])).maps) for line in lines]
        assert len(hues) == 6
        assert low <= min(hues) < max(hues) <= high


def test_a_ripe_variety_has_its_own_colour() -> None:
    def hue(kind: str) -> float:
        red, green, blue = np.median(paint(1, "varieties", kind, 0).maps.colour, axis=(0, 1))
        return float((green - blue) / (red - blue))

    orange, yellow = hue("orange"), hue("yellow")
    assert 0.2 < orange < yellow
    assert max(np.median(paint(1, "varieties", "maroon", n).maps.colour) for n in range(3)) < 0.4
    assert all(paint(1, "varieties", kind, 0).kinds == "" for kind in VARIETIES)


def test_a_strip_comes_back_as_the_views_that_went_in() -> None:
    skin = load_builtin("train")[300]
    views = [skin.view(n) for n in range(skin.views)]
    back = decode_strip(encode_strip(views, 90), 96)
    assert len(back) == len(views)
    for before, after in zip(views, back, strict=True):
        assert np.array_equal(before[..., 3], after[..., 3])
        solid = before[..., 3] > 200
        assert np.abs(before[solid].astype(int) - after[solid]).mean() < 6


def test_a_direction_and_its_place_in_the_maps_are_inverse() -> None:
    columns, rows = places(3 * DIRECTIONS)
    assert np.allclose(rows, np.arange(rows.shape[0])[:, None], atol=1e-2)
    assert np.allclose(columns[2:-2], np.arange(columns.shape[1])[None], atol=1e-2)


def _line(index, part, kind, number):
    return next(one for one in index["parts"][part] if one["id"] == f"builtin/{part}/{kind}-{number:03d}")
