from pathlib import Path

import pytest

from edge.errors import UsageFault
from training.recipe import RECIPES, load_recipe


@pytest.mark.parametrize("name", sorted(path.stem for path in RECIPES.glob("*.toml")))
def test_every_recipe_that_ships_loads(name: str) -> None:
    recipe, text = load_recipe(name)
    assert recipe.name == name
    assert text == (RECIPES / f"{name}.toml").read_text()


def test_unknown_keys_and_wrong_values_are_all_named(tmp_path: Path) -> None:
    text = (RECIPES / "ci.toml").read_text().replace("epochs = ", "epoch = ").replace("size_px = 96", "size_px = 4")
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(UsageFault) as told:
        load_recipe(str(tmp_path / "mine.toml"))
    lines = str(told.value).splitlines()
    assert len(lines) == 3
    for key in ("training.epochs", "training.epoch", "input.size_px"):
        assert any(f"mine.toml: {key}: " in line for line in lines)


def test_what_is_not_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text("name =")
    with pytest.raises(UsageFault, match="not TOML"):
        load_recipe(str(tmp_path / "mine.toml"))


def test_an_unknown_name_is_told_those_that_ship() -> None:
    with pytest.raises(UsageFault, match=r"no such recipe; give a \.toml file or one of: ablation, ci, factory"):
        load_recipe("mystery")


def test_a_stage_that_learns_from_scratch_cannot_be_frozen(tmp_path: Path) -> None:
    text = (RECIPES / "ci.toml").read_text().replace('trunk = "lite0"', 'trunk = "lite0"\npretrained = false')
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(UsageFault, match="frozen"):
        load_recipe(str(tmp_path / "mine.toml"))
