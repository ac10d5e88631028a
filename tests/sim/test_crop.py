"""A crop's file, and the fruit that are painted from it."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.cli import main
from edge.datapath import LABELS
from edge.errors import UsageFault
from sim.atlas.damage import KINDS
from sim.crop.definition import Crop, load_crop
from sim.crop.growing import grow
from sim.crop.painting import paint, plan
from sim.crop.shading import turn
from sim.fruit import load_builtin
from template.making import crops
from template.rendering import TEMPLATE

CHERRY = TEMPLATE / "crops" / "cherry.toml"


@pytest.fixture(scope="module")
def cherry() -> Crop:
    return load_crop(CHERRY)


@pytest.mark.slow
def test_the_same_file_paints_the_same_fruit(cherry: Crop) -> None:
    one, other = (turn(grow(cherry, "held", "damaged", 3), 2, 48) for _ in range(2))
    assert all(np.array_equal(a.rgba, b.rgba) and a.damage == b.damage for a, b in zip(one, other, strict=True))


@pytest.mark.slow
def test_a_view_is_a_whole_fruit_that_fills_its_square(cherry: Crop) -> None:
    for kind in ("green", "damaged"):
        views = turn(grow(cherry, "held", kind, 1), 4, 64)
        for view in views:
            solid = (view.rgba[..., 3] > 127).astype(np.uint8)
            assert cv2.connectedComponents(solid)[0] == 2
            assert 0.5 < solid.mean() < 0.83
            assert not solid[[0, 0, -1, -1], [0, -1, 0, -1]].any()
        widest = max(max(np.ptp(np.nonzero(view.rgba[..., 3] > 127), axis=1)) + 1 for view in views)
        assert widest >= 60


@pytest.mark.slow
def test_damage_shows_where_it_is_told(cherry: Crop) -> None:
    """What is painted over the sound skin is what the fraction counts: a view without any looks as the sound one."""
    told = [turn(grow(cherry, "held", "damaged", n), 6, 64) for n in range(4)]
    assert all(any(view.damage > 0.012 for view in views) for views in told)
    assert not any(view.damage for n in range(3) for view in turn(grow(cherry, "held", "red", n), 3, 48))


@pytest.mark.slow
def test_painted_fruit_are_an_atlas_for_simulator_and_training(cherry: Crop, tmp_path: Path) -> None:
    from training.builtin import is_atlas, read_atlas  # noqa: PLC0415  (training is another part)

    folder = tmp_path / "fruit"
    assert paint(cherry, folder, fruit=1) == 4 + 4 + 1
    held = load_builtin("held", folder)
    assert [skin.label for skin in held] == list(LABELS)
    assert held[0].view(0).shape == (96, 96, 4)
    assert load_builtin("varieties", folder)[0].label == "unknown"
    assert is_atlas(folder)
    pictures, files = read_atlas(folder, "train")
    assert {picture.fruit for picture in pictures} == {f"cherry/train/{label}-000" for label in LABELS}
    assert len(files) == 4


@pytest.mark.parametrize("name", crops())
def test_every_crop_that_ships_is_good_and_painted_in_minutes(name: str) -> None:
    crop = load_crop(TEMPLATE / "crops" / f"{name}.toml")
    assert crop.name == name
    views = {"train": crop.count.train_views, "held": crop.count.held_views, "varieties": crop.count.held_views}
    assert sum(views[part] for part, _, _ in plan(crop)) <= 4_000


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        ('label = "turning"', 'label = "green"', "grades: 0 with label turning: exactly one grade"),
        ("ripeness = [0.36, 0.56]", "ripeness = [0.56, 0.36]", "the first must be at most the second"),
        (
            "ripeness = [0.36, 0.56]",
            "ripeness = [0.20, 0.56]",
            "the one of green must end below where the one of turning",
        ),
        ("cracks = 0.35", "dents = 0.35", f"kinds: dents: must be of {', '.join(KINDS)}"),
        ("    [52, 10, 24],         # nearly black\n", "", "rgb: 7 colours for 8 ripenesses"),
        ("at = [0.0, 0.12", "at = [0.2, 0.12", "at: the ripenesses must rise"),
        ("gloss = [0.55, 1.0]", "gloss = [0.55, 1.5]", "less than or equal to 1"),
        ("uneven = 0.09", "uneven = 0.09\nfuzz = 1", "skin.fuzz: Extra inputs"),
        ("[shape]", "[shape", "not TOML"),
    ],
)
def test_a_faulty_crop_is_refused_in_words(
    before: str, after: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = CHERRY.read_text(encoding="utf-8")
    assert before in text
    path = tmp_path / "crop.toml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    assert main(["paint", str(path), "--out", str(tmp_path / "fruit")]) == 2
    assert says in capsys.readouterr().err
    assert not (tmp_path / "fruit").exists()


def test_a_folder_of_something_else_is_left_alone(cherry: Crop, tmp_path: Path) -> None:
    (tmp_path / "fruit").mkdir()
    (tmp_path / "fruit" / "photograph.jpg").write_bytes(b"")
    with pytest.raises(UsageFault, match="holds something else than painted fruit"):
        paint(cherry, tmp_path / "fruit", 1)
