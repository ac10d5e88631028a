"""Real fruit for the belt. Rendered fruit on white stand in for the photographs, which are not ours to commit."""

import os
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.errors import UsageFault
from sim.conveyor import Limit
from sim.cutout import cut_out, fit
from sim.fruit import Skin, load_builtin
from sim.photographs import MOST_VIEWS, load_photographs
from sim.setup import prepare


def on_white(skin: Skin, n: int) -> np.ndarray:
    """A view as a photograph on white that it fills, RGB."""
    view = skin.view(n).astype(float)
    alpha = view[..., 3:] / 255
    picture = np.round(view[..., :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    solid = view[..., 3] > 0
    rows, columns = np.flatnonzero(solid.any(axis=1)), np.flatnonzero(solid.any(axis=0))
    picture = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = 100 / max(picture.shape[:2])
    return cv2.resize(picture, None, fx=scale, fy=scale)


def write(path: Path, picture: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])


def builtin(label: str, place: int = 0) -> Skin:
    return [skin for skin in load_builtin("held") if skin.label == label][place]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, grade in (
        ("Tomato_8", "red"),
        ("Tomato_11", "green"),
        ("Apple_1", "turning"),
        ("Tomato_Maroon_2", "red"),
    ):
        for n in range(12):
            write(tmp_path / "turntable" / name / f"r0_{3 * n}_100.jpg", on_white(builtin(grade), n))
    write(tmp_path / "turntable" / "Tomato_8" / "5_100.jpg", on_white(builtin("red"), 0))
    lines = ["file,fruit,shot,source_grade,condition"]
    for fruit, shot, grade, condition in (
        ("Aa", 1, "red", "sound"),
        ("Aa", 12, "damaged", "damaged"),
        ("Aa", 20, "red", ""),
        ("b", 2, "turning", "sound"),
    ):
        write(tmp_path / "ageing" / f"fruit_{fruit}" / f"{shot:03d}.jpg", on_white(builtin(grade), 3))
        lines.append(f"ageing/fruit_{fruit}/{shot:03d}.jpg,{fruit},{shot},0,{condition}")
    (tmp_path / "ageing" / "labels.csv").write_text("\n".join(lines) + "\n")
    return tmp_path


def test_every_fruit_comes_with_its_true_grade_and_cultivars_stay_off(folder: Path) -> None:
    found = Counter((skin.skin_id, skin.label, skin.views) for skin in load_photographs(folder, {}))
    assert found == {
        ("turntable/Apple_1", "unknown", 12): 1,
        ("turntable/Tomato_11", "green", 12): 1,
        ("turntable/Tomato_8", "red", 12): 1,
        ("turntable/Tomato_8", "red", 1): 1,
        ("ageing/Aa", "damaged", 1): 1,
        ("ageing/Aa", "red", 1): 1,
        ("ageing/b", "turning", 1): 1,
    }


def test_a_run_is_put_in_the_order_of_its_numbers(folder: Path) -> None:
    views = next(s for s in load_photographs(folder, {}) if (s.skin_id, s.views) == ("turntable/Tomato_8", 12))
    turned = builtin("red")
    for n in (2, 10):
        expected = fit([cut_out(on_white(turned, n))], 96, rolls=False)[0]
        gap = [np.abs(views.view(k)[..., :3].astype(int) - expected[..., :3])[20:76, 20:76].mean() for k in range(12)]
        assert int(np.argmin(gap)) == n


def test_fruit_that_the_bundle_learned_from_are_left_out(folder: Path) -> None:
    left = {skin.skin_id for skin in load_photographs(folder, {"turntable": ["Tomato_8"], "ageing": ["Aa"]})}
    assert left == {"turntable/Apple_1", "turntable/Tomato_11", "ageing/b"}


def test_a_cultivar_that_is_asked_for_comes_without_a_grade(folder: Path) -> None:
    cultivars = {path.name for path in (folder / "turntable").iterdir()} - {"Apple_1", "Tomato_11", "Tomato_8"}
    asked = {f"turntable/{name}" for name in cultivars}
    found = {skin.skin_id: skin.label for skin in load_photographs(folder, {}, asked)}
    assert asked
    assert {found[name] for name in asked} == {"unknown"}


def test_damage_shows_in_damaged_views_alone(folder: Path) -> None:
    for skin in load_photographs(folder, {}):
        assert skin.damage_shown(0) == (skin.label == "damaged")


def test_a_long_run_is_thinned_evenly(tmp_path: Path) -> None:
    for n in range(80):
        write(tmp_path / "turntable" / "Tomato_2" / f"{n}_100.jpg", on_white(builtin("red"), n * 16 // 80))
    (skin,) = load_photographs(tmp_path, {})
    assert skin.views == MOST_VIEWS


def test_a_broken_photograph_is_named_and_the_rest_goes_on(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    broken = folder / "turntable" / "Tomato_11" / "r0_6_100.jpg"
    broken.write_bytes(broken.read_bytes()[:40])
    blank = folder / "turntable" / "Tomato_11" / "r0_9_100.jpg"
    write(blank, np.full((100, 100, 3), 255, np.uint8))
    (folder / "ageing" / "fruit_b" / "002.jpg").unlink()
    found = {(skin.skin_id, skin.views) for skin in load_photographs(folder, {})}
    assert ("turntable/Tomato_11", 10) in found
    assert not any(skin_id == "ageing/b" for skin_id, _ in found)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    assert f"{broken}: not an image" in said[0]
    assert f"{blank}: no fruit on white" in said[1]
    assert "002.jpg: no such file" in said[2]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda f: None, "neither turntable/ nor ageing/"),
        (lambda f: (f / "turntable" / "Tomato_8").mkdir(parents=True), "no photographs"),
        (lambda f: write(f / "ageing" / "fruit_a" / "001.jpg", np.zeros((9, 9, 3), np.uint8)), "labels.csv: no such"),
        (
            lambda f: write(f / "turntable" / "Tomato_1" / "1_100.jpg", np.zeros((9, 9, 3), np.uint8)),
            "no fruit is left",
        ),
    ],
)
def test_a_folder_of_which_nothing_can_come_is_refused(tmp_path: Path, make, says: str) -> None:
    make(tmp_path)
    with pytest.raises(UsageFault, match=says):
        load_photographs(tmp_path, {})


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="no such folder"):
        load_photographs(tmp_path / "nowhere", {})


def test_a_table_without_its_columns_is_refused(folder: Path) -> None:
    (folder / "ageing" / "labels.csv").write_text("picture,state\na.jpg,sound\n")
    with pytest.raises(UsageFault, match="must have the columns file, fruit, shot"):
        load_photographs(folder, {})


def test_a_cut_out_fruit_keeps_its_outline_and_carries_no_white_rim() -> None:
    for grade in ("red", "green", "damaged"):
        skin = builtin(grade)
        picture = cv2.resize(on_white(skin, 3), None, fx=2, fy=2)
        canvas = np.full((picture.shape[0] + 40, picture.shape[1] + 60, 3), 255, np.uint8)
        canvas[20:-20, 30:-30] = picture
        found = cut_out(canvas)
        assert found.shape[0] == pytest.approx(picture.shape[0], abs=10)
        assert found.shape[1] == pytest.approx(picture.shape[1], abs=10)
        seen = found[..., 3] > 8
        rim = seen & ~cv2.erode(seen.astype(np.uint8), np.ones((5, 5))).astype(bool)
        inside = found[seen & ~rim][:, :3]
        assert np.percentile(found[rim][:, :3].min(axis=1), 95) <= np.percentile(inside.min(axis=1), 99) + 12


def test_views_of_a_turn_share_one_scale() -> None:
    """A plum that rolls keeps its height; each photograph was scaled to fill its frame."""
    tall, wide = np.zeros((100, 50, 4), np.uint8), np.zeros((50, 100, 4), np.uint8)
    tall[...], wide[...] = 255, 255
    square = np.full((100, 100, 4), 255, np.uint8)
    turn = fit([square] * 4 + [wide] * 4, 96, rolls=True)
    assert np.count_nonzero(turn[1][48, :, 3] > 127) == pytest.approx(47, abs=1)
    assert np.count_nonzero(turn[6][48, :, 3] > 127) == pytest.approx(94, abs=1)
    assert len({np.count_nonzero(view[:, 48, 3] > 127) for view in turn[1:3] + turn[5:7]}) == 1
    assert np.count_nonzero(fit([tall], 96, rolls=False)[0][:, 48, 3] > 127) == pytest.approx(94, abs=1)


@pytest.mark.slow
@pytest.mark.photographs
def test_the_real_photographs_give_every_grade() -> None:
    skins = load_photographs(Path(os.environ["SORTER_DATA"]), {})
    fruit = {label: len({s.skin_id for s in skins if s.label == label}) for label in Counter(s.label for s in skins)}
    assert fruit["green"] == 1
    assert min(fruit[label] for label in ("turning", "red", "damaged", "unknown")) >= 10
    assert all(0.2 < (skin.view(0)[..., 3] > 127).mean() < 0.9 for skin in skins)


def test_a_photographed_newcomer_comes_among_rendered_fruit_and_brings_no_other(folder: Path, tmp_path: Path):
    scenario = tmp_path / "coming.toml"
    lines = ['extends = "clean"', "[[newcomer]]", 'fruit = ["turntable/Tomato_Maroon_2"]', 'label = "red"']
    scenario.write_text("\n".join([*lines, "share = 0.5", f'photographs = "{folder}"']) + "\n", encoding="utf-8")
    found = prepare(str(scenario), seed=1, limit=Limit(10), perception="truth").skins
    real = {skin.skin_id for some in found.values() for skin in some if not skin.skin_id.startswith("builtin/")}
    assert real == {"turntable/Tomato_Maroon_2"}
    assert real <= {skin.skin_id for skin in found["red"]}
