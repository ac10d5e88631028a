"""What a bundle says of kinds that it never learned: each method of `training.detectors` on produce left out whole.

`python -m training.strangers RECIPE --data DIR --work DIR --json FILE`. A few trainings leave out some kinds and some
tomatoes each; a kind is judged by the bundle that learned neither it nor the tomatoes beside it. Apples are one kind,
the turntable's and the shop's. ImageNet's classes, which the trunk once learned, name some of these kinds (Granny
Smith, lemon, orange, pomegranate, bell pepper): the figures of those are not of kinds never seen by any part.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge.grade.litert import LiteRTGrader
from training import photographs
from training.augment import LINE, TRAINING, Strength, look
from training.dataset import PARTS, Picture, by_fruit
from training.detectors import Outputs, detectors
from training.evaluation import statistics
from training.evaluation.statistics import figure
from training.folds import open_recipe, without
from training.preparing import Prepared

KEPT = 0.95
GROUPS = (
    ("apple", "kiwi", "lemon"),
    ("cherry", "orange", "solid-potato"),
    ("red-bell-pepper", "pomegranate", "yellow-onion"),
    ("nectarine", "plum"),
)
"""Kinds left out together. More at once than one: less is learned of strangers than the bundle that ships learns."""

_LEARNED = 600
"""Looks at each source of learned tomatoes."""


def _is(picture: Picture, kinds: Collection[str]) -> bool:
    return picture.known == 0 and photographs.kind_of(picture.fruit) in kinds


def unknown_figures(
    prepared: Prepared, say: Callable[[str], None], groups: int = len(GROUPS), seed: int = 3
) -> dict[str, Any]:
    """`kinds`: kind to `fruit`, `looks` and `methods`, each with `auroc` and `fpr95` (`statistics.figure`: intervals
    by physical fruit) of single looks, against tomatoes of the same rig left out with it ("turntable": apples and
    cherries), or of all real sources ("shop"). `groups`: what was left out together; the argument stops early."""
    pictures = [picture for part in PARTS for picture in prepared.dataset.parts[part] if picture.source != "builtin"]
    kinds: dict[str, Any] = {}
    for number, group in enumerate(GROUPS[:groups]):
        left_out = _left_out(prepared, pictures, group, number)
        say(f"{', '.join(group)} and {len(left_out)} fruit in all left out")
        bundle = without(prepared, left_out)
        kinds |= _judged(LiteRTGrader(bundle), prepared, pictures, left_out, group, seed)
    return {"recipe": prepared.recipe.name, "groups": [list(group) for group in GROUPS[:groups]], "kinds": kinds}


def _left_out(prepared: Prepared, pictures: Sequence[Picture], group: Sequence[str], number: int) -> frozenset[str]:
    """The fruit of the kinds, and every fourth tomato of each real source. What is held out anyway needs no mention."""
    held = {picture.fruit_key for picture in prepared.dataset.parts["held"]}
    tomatoes = sorted({picture.fruit_key for picture in pictures if picture.known == 1} - held)
    kinds = {picture.fruit_key for picture in pictures if _is(picture, group)}
    return frozenset(kinds - held) | frozenset(tomatoes[number :: len(GROUPS)])


def _judged(
    grader: LiteRTGrader,
    prepared: Prepared,
    pictures: Sequence[Picture],
    left_out: Collection[str],
    group: Sequence[str],
    seed: int,
) -> dict[str, Any]:
    held = {picture.fruit_key for picture in prepared.dataset.parts["held"]} | set(left_out)
    learned = [p for p in prepared.dataset.parts["train"] if p.known == 1 and p.fruit_key not in held]
    fitted = detectors(_seen(grader, prepared, _spread(learned, seed), TRAINING, seed))
    tomatoes = [p for p in pictures if p.known == 1 and p.fruit_key in held]
    found: dict[str, Any] = {}
    for kind in group:
        strangers = [p for p in pictures if _is(p, (kind,))]
        for source in sorted({p.source for p in strangers}):
            beside = [p for p in tomatoes if source in ("shop", p.source)]
            own = [p for p in strangers if p.source == source]
            name = f"{kind} ({source})"
            found[name] = _figures(fitted, grader, prepared, beside, own, seed)
    return found


def _figures(
    fitted: dict[str, Any],
    grader: LiteRTGrader,
    prepared: Prepared,
    tomatoes: Sequence[Picture],
    strangers: Sequence[Picture],
    seed: int,
) -> dict[str, Any]:
    both = [*tomatoes, *strangers]
    outputs = _seen(grader, prepared, both, LINE, seed)
    keys = [picture.fruit_key for picture in both]
    strange = [picture.known == 0 for picture in both]
    methods = {}
    for name, detector in fitted.items():
        scores = detector(outputs).tolist()
        methods[name] = {
            "auroc": figure(keys, statistics.auroc(scores, strange)),
            "fpr95": figure(keys, statistics.passed_at(KEPT, scores, strange)),
        }
    return {
        "fruit": len({picture.fruit_key for picture in strangers}),
        "looks": len(strangers),
        "tomatoes": len({picture.fruit_key for picture in tomatoes}),
        "methods": methods,
    }


def _spread(pictures: Sequence[Picture], seed: int) -> list[Picture]:
    """As many pictures of each source, its fruit in turn."""
    rng = np.random.default_rng([seed, 11])
    picked = []
    for source in sorted({picture.source for picture in pictures}):
        fruit = list(by_fruit([picture for picture in pictures if picture.source == source]).values())
        views = [fruit[n % len(fruit)] for n in range(_LEARNED)]
        picked += [some[int(rng.integers(len(some)))] for some in views]
    return picked


def _seen(
    grader: LiteRTGrader, prepared: Prepared, pictures: Sequence[Picture], strength: Strength, seed: int
) -> Outputs:
    rng = np.random.default_rng([seed, 13])
    ran = [grader.invoke(look(picture, prepared.recipe.input, rng, strength)[0]) for picture in pictures]
    logits = np.array(grader.logits)[np.stack([scores for scores, _ in ran]).astype(int) + 128]
    sources = np.array([picture.source for picture in pictures], np.str_)
    return Outputs(logits, np.stack([features for _, features in ran]), sources)


def main() -> None:
    """Prints a line a kind, and writes the whole to a file."""
    ask = argparse.ArgumentParser(prog="python -m training.strangers")
    ask.add_argument("recipe")
    ask.add_argument("--data", required=True)
    ask.add_argument("--work", type=Path, required=True)
    ask.add_argument("--json", type=Path, required=True)
    ask.add_argument("--groups", type=int, default=len(GROUPS), help="how many of the groups of kinds")
    given = ask.parse_args()
    photographs.require(Path(given.data))
    found = unknown_figures(open_recipe(given.recipe, given.data, given.work, _say), _say, given.groups)
    given.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for kind, row in found["kinds"].items():
        told = (
            f"{name} {one['auroc']['value']:.3f}/{one['fpr95']['value']:.2f}" for name, one in row["methods"].items()
        )
        sys.stdout.write(f"{kind}, {row['fruit']} fruit: {'  '.join(told)}\n")


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
