"""The built-in fruit that the simulator draws from."""

import json
import shutil
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from edge.datapath import LABELS, UNKNOWN
from edge.errors import UsageFault
from sim.atlas.cultivar import SHAPES
from sim.atlas.draw import HUES_DEG
from sim.atlas.files import FOLDER, read_index
from sim.fruit import load_builtin


def test_the_held_part_has_forty_skins_a_grade_and_shares_none_with_training() -> None:
    held, train = load_builtin("held"), load_builtin("train")
    assert Counter(skin.label for skin in held).keys() == set(LABELS)
    assert min(Counter(skin.label for skin in held).values()) >= 40
    assert not {skin.skin_id for skin in held} & {skin.skin_id for skin in train}
    assert len({skin.skin_id for skin in held}) == len(held)


def test_the_atlas_stays_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.rglob("*.*")) < 10_000_000


def test_every_view_is_a_whole_fruit_with_a_soft_outline() -> None:
    for skin in load_builtin("held")[::17]:
        for n in range(skin.views):
            alpha = skin.view(n)[..., 3]
            assert skin.view(n).shape == (96, 96, 4)
            assert 0.45 < (alpha > 127).mean() < 0.85
            assert ((alpha > 20) & (alpha < 235)).any()
            assert not alpha[[0, 0, -1, -1], [0, -1, 0, -1]].any()


def test_views_follow_each_other_round_the_fruit() -> None:
    skin = next(s for s in load_builtin("held") if s.label == "damaged")
    near = np.mean([np.abs(skin.view(n) - skin.view(n + 1).astype(int)).mean() for n in range(skin.views)])
    far = np.mean([np.abs(skin.view(n) - skin.view(n + 4).astype(int)).mean() for n in range(skin.views)])
    assert near < far
    assert skin.view(skin.views) is skin.view(0)


def test_damage_is_on_one_side_and_hardly_ever_hidden_for_a_whole_turn() -> None:
    damaged = [s for s in load_builtin("held") if s.label == "damaged"]
    shares = [np.mean([skin.damage_shown(n) for n in range(skin.views)]) for skin in damaged]
    assert 0.3 < np.mean(shares) < 0.8
    assert sum(share == 0 for share in shares) <= 0.05 * len(shares)
    assert sum(share < 1 for share in shares) >= 0.8 * len(shares)


def test_sound_fruit_show_no_damage() -> None:
    assert not any(s.damage_shown(n) for s in load_builtin("held") if s.label != "damaged" for n in range(s.views))


def test_ripeness_is_a_continuum_and_grades_part_where_people_would_not_agree() -> None:
    bounds = [HUES_DEG[grade] for grade in ("red", "turning", "green")]
    assert all(below[1] + 10 < above[0] for below, above in pairwise(bounds))
    for part in ("train", "held"):
        found = {g: sorted(s["ripeness"] for s in read_index()["parts"][part] if s["label"] == g) for g in LABELS[:3]}
        assert found["green"][0] < 0.05 and found["red"][-1] > 0.95
        assert all(len(set(values)) > 20 for values in found.values())


def test_every_shape_of_tomato_comes_in_every_grade_and_in_both_parts() -> None:
    for part in ("train", "held"):
        found = {(skin["cultivar"].split()[0], skin["label"]) for skin in read_index()["parts"][part]}
        assert found == {(shape, label) for shape in SHAPES for label in LABELS}


def test_the_varieties_are_of_colours_that_no_grade_is_about() -> None:
    skins = load_builtin("varieties")
    lines = read_index()["parts"]["varieties"]
    assert {skin.label for skin in skins} == {UNKNOWN}
    assert Counter(line["cultivar"].split()[1] for line in lines) == {"orange": 10, "yellow": 10, "maroon": 10}
    taught = {line["cultivar"].split()[1] for part in ("train", "held") for line in read_index()["parts"][part]}
    assert taught == {"red", "pink"}


def test_a_folder_without_an_atlas_is_refused(tmp_path) -> None:
    with pytest.raises(UsageFault, match="not an atlas"):
        load_builtin("held", tmp_path)


def test_a_broken_strip_is_named(tmp_path) -> None:
    index = read_index()
    index["parts"] = {"held": index["parts"]["held"][:2], "train": []}
    (tmp_path / "index.json").write_text(json.dumps(index))
    (tmp_path / "held").mkdir()
    (tmp_path / index["parts"]["held"][0]["file"]).write_bytes(b"RIFF nothing")
    shutil.copy(FOLDER / index["parts"]["held"][1]["file"], tmp_path / "held")
    broken, whole = load_builtin("held", tmp_path)
    with pytest.raises(UsageFault, match=index["parts"]["held"][0]["file"]):
        broken.view(0)
    assert whole.view(0).shape == (96, 96, 4)
