"""The path tracer's views of painted fruit: small pictures, few samples."""

import importlib
from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest

from sim.atlas.damage import paint_damage
from sim.atlas.files import FOLDER, decode_strip, read_index
from sim.atlas.paint import paint
from sim.atlas.surface import DIRECTIONS

pytestmark = [pytest.mark.mitsuba, pytest.mark.slow]


@pytest.fixture(scope="module")
def tracer():
    return importlib.import_module("sim.atlas.render")


@pytest.fixture(scope="module")
def atlas():
    return importlib.import_module("sim.atlas.__main__")


def test_the_same_seed_renders_the_same_picture(tracer) -> None:
    first, again = (tracer.turn(paint(3, "train", "damaged", 5), 2, 24, samples=4) for _ in range(2))
    assert all(np.array_equal(a.rgba, b.rgba) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0].rgba, first[1].rgba), "it turned"


def test_a_committed_picture_is_what_its_seed_renders(tracer) -> None:
    index = read_index()
    line = next(one for one in index["parts"]["varieties"] if one["id"] == "builtin/varieties/orange-001")
    (rendered,) = tracer.turn(paint(index["seed"], "varieties", "orange", 1), 1, index["size_px"])
    kept = decode_strip((FOLDER / line["file"]).read_bytes(), index["size_px"])[0]
    assert np.array_equal(rendered.rgba[..., 3], kept[..., 3])
    solid = kept[..., 3] > 200
    assert np.abs(rendered.rgba[solid].astype(int) - kept[solid]).mean() < 4, "but for what WebP takes away"


def test_what_is_painted_is_seen_where_it_was_painted(tracer) -> None:
    """Red to the right, green below, blue towards the camera: the axes of the surface and of the picture."""
    of = replace(paint(1, "train", "red", 5), calyx=None, pose=np.eye(3, dtype=np.float32))
    of.maps.colour[:] = np.where(DIRECTIONS > 0, 0.9, 0.05)
    near, left, far, right = (view.rgba.astype(int) for view in tracer.turn(of, 4, 24, samples=4))
    assert near[12, 16, 0] > near[12, 7, 0] + 60
    assert near[16, 12, 1] > near[7, 12, 1] + 60
    assert near[12, 12, 2] > far[12, 12, 2] + 60
    assert right[12, 12, 0] > left[12, 12, 0] + 60, "it turns about the vertical axis, its left side first"


def test_damage_changes_what_lies_inside_the_outline_and_nothing_else(tracer) -> None:
    sound = replace(paint(1, "held", "red", 6), calyx=None)
    hurt = replace(sound, maps=deepcopy(sound.maps))
    paint_damage(np.random.default_rng(1), hurt.maps)
    pairs = list(zip(tracer.turn(sound, 4, 32, 9), tracer.turn(hurt, 4, 32, 9), strict=True))
    assert all(before.damage == 0 for before, _ in pairs)
    worst = max(pairs, key=lambda pair: pair[1].damage)
    least = min(pairs, key=lambda pair: pair[1].damage)
    assert worst[1].damage > 0.05 > least[1].damage
    assert _changed(*worst) > 3 * _changed(*least)
    for before, after in pairs:
        assert np.mean(before.rgba[..., 3] != after.rgba[..., 3]) < 0.1, "the outline stays, but for a dent"


def test_a_fruit_fills_the_square_and_its_calyx_is_seen(tracer) -> None:
    of = next(of for n in range(20) if (of := paint(1, "train", "red", n)).calyx is not None)
    with_it, without = (tracer.turn(one, 3, 32, 9) for one in (of, replace(of, calyx=None)))
    assert max(_greenest(view.rgba) for view in with_it) > max(_greenest(view.rgba) for view in without) + 20
    for view in without:
        assert not view.rgba[[0, 0, -1, -1], [0, -1, 0, -1], 3].any()
        assert (view.rgba[..., 3] > 127).mean() > 0.3


def test_one_part_is_made_again_and_the_others_stay(atlas, tmp_path) -> None:
    before = read_index()
    atlas.write_index(tmp_path, {**before, "parts": {"held": before["parts"]["held"][:2]}})
    atlas.write_atlas(tmp_path, before["seed"], {"varieties": {"maroon": 1}})
    after = read_index(tmp_path)
    assert after["parts"]["held"] == before["parts"]["held"][:2]
    (line,) = after["parts"]["varieties"]
    assert {**line, "file": ""} == {**before["parts"]["varieties"][20], "file": ""}
    assert len(decode_strip((tmp_path / line["file"]).read_bytes(), 96)) == line["views"] == 6
    with pytest.raises(ValueError, match="size_px = 96: parts of one atlas share it; asked for 64"):
        atlas.write_atlas(tmp_path, before["seed"], {"varieties": {"maroon": 1}}, 64)


def _changed(before, after) -> float:
    """The share of the outline whose colour differs much."""
    solid = (before.rgba[..., 3] > 200) & (after.rgba[..., 3] > 200)
    apart = np.abs(before.rgba[..., :3].astype(int) - after.rgba[..., :3]).max(axis=-1)
    return float((apart > 40)[solid].mean())


def _greenest(rgba) -> float:
    red, green = (rgba[..., n].astype(int) for n in range(2))
    return float(np.percentile((green - red)[rgba[..., 3] > 200], 98))
