"""Each cultivar left out of the learning whole, and judged by a bundle that never saw one like it. `python -m
training.evaluation.cultivars RECIPE --data DIR --work DIR --json FILE`.

A rendered cultivar is judged on the atlas's held part, by the ordinary bundle and by the one without it: the same
fruit, which neither has learned. A real one is a kind of the turntable: its few fruit can only be judged left out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from edge.bundle import Bundle
from edge.datapath import LABELS, UNKNOWN
from edge.grade.litert import LiteRTGrader
from training.builtin import atlas_folder, read_atlas
from training.dataset import UNTOLD, Picture
from training.evaluation import statistics
from training.evaluation.looks import Graded, grade_all, passage
from training.evaluation.sections import SEED
from training.evaluation.statistics import Figure, figure
from training.figures import decided_as
from training.folds import open_recipe, without
from training.preparing import Prepared
from training.sources import BUILTIN

TURNTABLE = "turntable"
_VARIETIES = ("orange", "yellow", "maroon")


def left_out(prepared: Prepared, say: Callable[[str], None], most: int | None = None) -> dict[str, Any]:
    """`rendered`: cultivar to its `figure` without it, its `ordinary` figure and the number of fruit `left_out`;
    `real`: kind to its `figure`; `mean` of the rendered ones and the `ordinary` mean, cultivars alike. A figure is the
    share of single looks called by what they show: the ripeness, or damage. `varieties`: colour that no grade is about
    to the shares of what the ordinary bundle calls its ripe fruit. `most` cultivars of each, if given."""
    ordinary = without(prepared, ())
    held = [picture for picture in prepared.dataset.parts["held"] if picture.source == BUILTIN]
    rendered: dict[str, dict[str, Any]] = {}
    for name in _cultivars(held)[:most]:
        own = [picture for picture in held if picture.cultivar == name]
        fruit = _learned(prepared, BUILTIN, name)
        say(f"{name}: {len(fruit)} fruit left out")
        rendered[name] = {
            "figure": _right(without(prepared, fruit), own),
            "ordinary": _right(ordinary, own),
            "left_out": len(fruit),
        }
    return {
        "recipe": prepared.recipe.name,
        "rendered": rendered,
        "real": {name: _real(prepared, name, say) for name in _real_kinds(prepared)[:most]},
        "varieties": {name: _words(ordinary, name) for name in _VARIETIES},
        "mean": _mean([found["figure"] for found in rendered.values()]),
        "ordinary": _mean([found["ordinary"] for found in rendered.values()]),
    }


def truth(picture: Picture) -> str:
    """What a look at it should be called; empty where that view leaves it open."""
    if picture.known == 0:
        return UNKNOWN
    if picture.damage == 1:
        return LABELS[3]
    return LABELS[picture.ripeness] if picture.ripeness != UNTOLD and picture.damage == 0 else ""


def _words(bundle: Bundle, colour: str) -> dict[str, float]:
    pictures, _ = read_atlas(atlas_folder(), "varieties")
    own = [picture for picture in pictures if picture.cultivar.endswith(colour)]
    graded = grade_all(LiteRTGrader(bundle), own, SEED, lambda: None)
    words = Counter(_called(one, bundle) for one in graded)
    return {word: round(count / len(graded), 4) for word, count in sorted(words.items())}


def _real(prepared: Prepared, name: str, say: Callable[[str], None]) -> dict[str, Any]:
    fruit = _learned(prepared, TURNTABLE, name)
    own = [p for p in _learnable(prepared) if p.fruit_key in fruit]
    say(f"{name}: {len(fruit)} real fruit left out")
    return {"figure": _right(without(prepared, fruit), own), "left_out": len(fruit)}


def _real_kinds(prepared: Prepared) -> list[str]:
    """Kinds of tomato on the turntable of which something can be told, apart from all others."""
    kinds = _cultivars([p for p in _learnable(prepared) if p.source == TURNTABLE and p.known == 1])
    return [kind for kind in kinds if any(truth(p) for p in _learnable(prepared) if p.cultivar == kind)]


def _learnable(prepared: Prepared) -> list[Picture]:
    return prepared.dataset.parts["train"] + prepared.dataset.parts["validation"]


def _learned(prepared: Prepared, source: str, name: str) -> frozenset[str]:
    """The keys of its fruit that a bundle learns from."""
    return frozenset(p.fruit_key for p in _learnable(prepared) if p.source == source and p.cultivar == name)


def _cultivars(pictures: Sequence[Picture]) -> list[str]:
    return sorted({picture.cultivar for picture in pictures})


def _right(bundle: Bundle, pictures: Sequence[Picture]) -> Figure:
    told = [picture for picture in pictures if truth(picture)]
    graded = grade_all(LiteRTGrader(bundle), told, SEED, lambda: None)
    hits = [_called(one, bundle) == truth(one.picture) for one in graded]
    return figure([one.picture.fruit_key for one in graded], statistics.share(hits))


def _called(one: Graded, bundle: Bundle) -> str:
    return decided_as(passage([one]), bundle.manifest.thresholds)


def _mean(figures: Sequence[Figure]) -> float | None:
    values = [found["value"] for found in figures if found["value"] is not None]
    return round(sum(values) / len(values), 4) if values else None


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m training.evaluation.cultivars", description=__doc__)
    options.add_argument("recipe")
    options.add_argument("--data", required=True)
    options.add_argument("--work", type=Path, required=True, help="looks and bundles are kept here")
    options.add_argument("--json", type=Path, required=True)
    options.add_argument("--most", type=int, help="cultivars of each kind, where not all")
    asked = options.parse_args()
    prepared = open_recipe(asked.recipe, asked.data, asked.work, print, held=asked.data == BUILTIN)
    asked.json.write_text(json.dumps(left_out(prepared, print, asked.most), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
