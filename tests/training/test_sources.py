import shutil
from pathlib import Path

import pytest

from edge.errors import UsageFault
from training import photographs
from training.dataset import PARTS, UNTOLD
from training.recipe import load_recipe
from training.sources import gather, held_out

pytestmark = pytest.mark.usefixtures("small_atlas")


def test_no_physical_fruit_is_in_two_parts(photographs_folder: Path) -> None:
    recipe, _ = load_recipe("factory")
    dataset = gather(recipe, str(photographs_folder))
    seen = [{picture.fruit_key for picture in dataset.parts[part]} for part in PARTS]
    assert all(seen)
    assert sum(map(len, seen)) == len(set.union(*seen))


def test_the_fruit_that_the_recipe_holds_out_is_not_learned_from(photographs_folder: Path) -> None:
    recipe, _ = load_recipe("factory")
    learned = gather(recipe, str(photographs_folder)).fruit("train", "validation")
    assert not set(recipe.data.turntable_held) & set(learned["turntable"])
    assert 0 < len(learned["ageing"]) < 10
    assert not any("held" in skin for skin in learned["builtin"])


def test_training_never_reads_lab(photographs_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (photographs_folder / "lab").rglob("*.jpg"):
        path.write_bytes(b"whoever decodes this fails")
    opened: list[Path] = []
    read = photographs.read
    monkeypatch.setattr(photographs, "read", lambda path: (opened.append(path), read(path))[1])
    recipe, _ = load_recipe("factory")
    dataset = gather(recipe, str(photographs_folder))
    assert opened
    assert not [path for path in (*opened, *dataset.files) if "lab" in path.parts]
    assert "lab" not in {picture.source for part in PARTS for picture in dataset.parts[part]}


def test_varieties_whose_ripeness_nobody_can_tell_are_left_out(photographs_folder: Path) -> None:
    pictures, _ = photographs.turntable(photographs_folder, views=4)
    assert "Tomato_Maroon_2" not in {picture.fruit for picture in pictures}


def test_a_view_of_the_damaged_turntable_fruit_is_damaged_only_where_that_was_seen(photographs_folder: Path) -> None:
    folder = photographs_folder / "turntable" / "Tomato_9"
    for name in ("r0_200_100.jpg", "r2_300_100.jpg"):
        shutil.copy(next(folder.glob("*.jpg")), folder / name)
    pictures, files = photographs.turntable(photographs_folder, views=40)
    told = {path.name: picture for path, picture in zip(files, pictures, strict=True) if picture.fruit == "Tomato_9"}
    assert {(p.grade, p.ripeness, p.known) for p in told.values()} == {("damaged", UNTOLD, 1)}
    assert (told.pop("r0_200_100.jpg").damage, {p.damage for p in told.values()}) == (1, {UNTOLD})


def test_ageing_fruit_without_a_seen_condition_are_not_read(photographs_folder: Path) -> None:
    pictures, files = photographs.ageing(photographs_folder)
    assert len(pictures) == len(files) == 20
    assert {picture.grade for picture in pictures} == {"red", "damaged"}


def test_evaluation_sees_only_fruit_that_the_bundle_has_not(photographs_folder: Path) -> None:
    trained_on = {"turntable": ["Tomato_2"], "ageing": list("abcdefgh")}
    left = {p.fruit_key for p in held_out(photographs_folder, trained_on, views=4) if p.source != "builtin"}
    assert "turntable/Tomato_2" not in left
    assert "turntable/Tomato_8" in left
    assert {key for key in left if key.startswith("ageing")} == {"ageing/i", "ageing/j"}


def test_the_dataset_hash_follows_content_not_place(photographs_folder: Path, tmp_path: Path) -> None:
    recipe, _ = load_recipe("factory")
    first = gather(recipe, str(photographs_folder)).sha256()
    moved = photographs_folder.rename(tmp_path / "elsewhere")
    assert gather(recipe, str(moved)).sha256() == first
    learned = next(path for path in gather(recipe, str(moved)).files if "Tomato_2" in path.parts)
    learned.write_bytes((moved / "turntable" / "Tomato_11" / "r_0_100.jpg").read_bytes())
    assert gather(recipe, str(moved)).sha256() != first


def test_a_missing_folder_is_refused_with_what_to_do(tmp_path: Path) -> None:
    recipe, _ = load_recipe("factory")
    with pytest.raises(UsageFault, match=r"no such folder; give the folder of photographs to --data"):
        gather(recipe, str(tmp_path / "nowhere"))
    with pytest.raises(UsageFault, match=r"no turntable/ here"):
        gather(recipe, str(tmp_path))


def test_a_recipe_for_rendered_fruit_refuses_photographs(photographs_folder: Path) -> None:
    recipe, _ = load_recipe("ci")
    with pytest.raises(UsageFault, match="learns from rendered fruit alone"):
        gather(recipe, str(photographs_folder))


def test_a_recipe_that_names_a_missing_fruit_is_refused(photographs_folder: Path) -> None:
    recipe, _ = load_recipe("factory")
    data = recipe.data.model_copy(update={"turntable_held": ["Tomato_99"]})
    with pytest.raises(UsageFault, match="Tomato_99, which the recipe names, is missing"):
        gather(recipe.model_copy(update={"data": data}), str(photographs_folder))
