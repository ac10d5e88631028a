"""The painter of the built-in fruit."""

import numpy as np
import pytest

from sim.atlas.files import decode_strip, encode_strip, read_index
from sim.atlas.surface import DIRECTIONS, places

mitsuba = pytest.importorskip("mitsuba", reason="the path tracer is missing: pip install mitsuba")
from sim.atlas.__main__ import paint, skin  # noqa: E402 - it needs the path tracer
from sim.atlas.render import damage_seen, poses  # noqa: E402


@pytest.mark.slow
def test_the_same_seed_paints_the_same_fruit() -> None:
    first, again = skin(3, "train", "damaged", 5), skin(3, "train", "damaged", 5)
    assert first[0] == again[0]
    assert all(np.array_equal(a.rgba, b.rgba) for a, b in zip(first[1], again[1], strict=True))
    assert paint(4, "train", "damaged", 5).fruit != paint(3, "train", "damaged", 5).fruit


def test_the_committed_atlas_is_what_its_seed_paints() -> None:
    index = read_index()
    line = next(one for one in index["parts"]["held"] if one["id"] == "builtin/held/damaged-003")
    painted = paint(index["seed"], "held", "damaged", 3)
    assert round(painted.fruit.ripeness, 3) == line["ripeness"]
    shown = [damage_seen(painted.maps, pose) for pose in poses(painted.pose, line["views"])]
    assert np.allclose(shown, line["damage"], atol=0.002)


@pytest.mark.slow
def test_a_strip_comes_back_as_the_views_that_went_in() -> None:
    views = [view.rgba for view in skin(1, "train", "red", 0)[1]]
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
