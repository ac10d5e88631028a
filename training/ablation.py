"""What each choice is worth: one recipe, one factor changed at a time, the same fruit left out of every run.

    python -m training.ablation RECIPE --data DIR --work DIR --json FILE

A run is kept as soon as it is done, and looks and epochs on the way: the same command goes on where it was broken off.
The fruit are those that the recipe holds out, whole kinds of produce (`KINDS`) and every other of the shop's tomatoes.
No run learns from them or chooses by them, and no choice is made by this table on `lab`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.durable import write_whole
from training import photographs
from training.dataset import Dataset, Picture, lot
from training.evaluation.apart import Figures, figures_of, table
from training.folds import without
from training.preparing import prepare
from training.recipe import Recipe, load_recipe
from training.sources import BUILTIN, gather

KINDS = ("apple", "cherry", "kiwi", "nectarine", "orange", "red-bell-pepper")
"""Left out together, so that one run says it of all; a bundle that ships learns of half of them."""

VIEWS = 6
"""Of each built-in fruit that are judged."""

Changes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Variant:
    """A recipe's keys by section that differ from the base."""

    name: str
    changes: Changes

    def of(self, base: Recipe) -> Recipe:
        """The recipe. Raises ValidationError where the changes contradict what is left of the base."""
        told = base.model_dump()
        for section, keys in self.changes.items():
            told[section] = {**told[section], **keys}
        return Recipe.model_validate(told)


def variants(base: Recipe, scratch: Recipe) -> list[Variant]:
    """The base first. From scratch is the network of `scratch`, which is made for it, shown as many looks."""
    epochs = base.training.epochs + base.training.tuned_epochs
    plan = {"epochs": epochs, "tuned_epochs": 0, "learning_rate": scratch.training.learning_rate}
    return [
        Variant("both, pretrained, three heads", {}),
        Variant("real only", {"data": {"rendered": False}}),
        Variant("rendered only", {"data": {"photographs": "none"}}),
        Variant("from scratch", {"network": scratch.network.model_dump(), "training": plan}),
        Variant("one softmax", {"network": {"heads": "one"}}),
    ]


def run(
    asked: Sequence[Variant], base: Recipe, data: Path, work: Path, to: Path, say: Callable[[str], None]
) -> dict[str, Figures]:
    """Variant to its figures and the seconds that it took; written to `to` after each."""
    rows: dict[str, Figures] = json.loads(to.read_text(encoding="utf-8")) if to.is_file() else {}
    whole = gather(base, str(data))
    left_out, judged = _apart(whole)
    for variant in asked:
        plan = variant.of(base)
        told = hashlib.sha256(plan.model_dump_json().encode()).hexdigest()[:16]
        if rows.get(variant.name, {}).get("plan") == told:
            say(f"{variant.name}: done before")
            continue
        say(f"{variant.name}:")
        start_s = time.monotonic()
        prepared = prepare(plan, plan.model_dump_json(indent=1), _dataset(plan, whole), work, say)
        bundle = without(prepared, left_out)
        took_s = time.monotonic() - start_s
        rows[variant.name] = {"plan": told, "took_s": round(took_s, 1), **figures_of(bundle, judged, data)}
        write_whole(to, json.dumps(rows, indent=1).encode())
    return {variant.name: rows[variant.name] for variant in asked}


def _dataset(plan: Recipe, whole: Dataset) -> Dataset:
    """What a variant learns from and chooses by: as `gather` would have it, without reading all again."""
    if plan.data.photographs == "none":
        return gather(plan, BUILTIN)
    train = [picture for picture in whole.parts["train"] if plan.data.rendered or picture.source != BUILTIN]
    return Dataset({**whole.parts, "train": train}, whole.files)


def _apart(dataset: Dataset) -> tuple[frozenset[str], list[Picture]]:
    """The keys of what no run learns from beyond what the recipe holds out, and all pictures that are judged."""
    learnable = dataset.parts["train"] + dataset.parts["validation"]
    apart = [picture for picture in learnable if _is_apart(picture)]
    left_out = frozenset(picture.fruit_key for picture in apart)
    return left_out, apart + [
        picture for picture in dataset.parts["held"] if picture.source != BUILTIN or picture.order < VIEWS
    ]


def _is_apart(picture: Picture) -> bool:
    if picture.known == 0:
        return photographs.kind_of(picture.fruit) in KINDS
    return picture.source == "shop" and lot(f"apart/{picture.fruit_key}") < 0.5


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the table; the whole goes to a file."""
    ask = argparse.ArgumentParser(prog="python -m training.ablation")
    ask.add_argument("recipe", nargs="?", default="ablation")
    ask.add_argument("--data", required=True, type=Path, help="the folder of photographs")
    ask.add_argument("--work", required=True, type=Path, help="looks, epochs and bundles are kept here")
    ask.add_argument("--json", required=True, type=Path)
    ask.add_argument("--runs", type=int, help="the first so many, where not all")
    given = ask.parse_args(arguments)
    photographs.require(given.data)
    base, scratch = load_recipe(given.recipe)[0], load_recipe("student")[0]
    rows = run(variants(base, scratch)[: given.runs], base, given.data, given.work, given.json, _say)
    sys.stdout.write(table(rows))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
