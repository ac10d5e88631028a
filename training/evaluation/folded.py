"""Damage on fruit left out by folds: every ageing fruit and every tomato of the turntable is judged by a bundle that
never learned it. `python -m training.evaluation.folded RECIPE --data DIR --work DIR --json FILE`."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from edge.bundle import Thresholds
from edge.datapath import LABELS
from edge.grade.litert import LiteRTGrader
from edge.grade.verdict import DAMAGED
from training.dataset import PARTS, Picture
from training.evaluation import statistics
from training.evaluation.damage import PRECISION
from training.evaluation.looks import Graded, grade_all, passage
from training.evaluation.sections import SEED
from training.evaluation.statistics import figure
from training.figures import decided_as
from training.folds import folds_by_fruit, open_recipe, without
from training.preparing import Prepared

LATE_FROM = 16
"""Shots of an ageing fruit before this one are darker than the rest: exposure would tell damage."""


def damage_by_folds(prepared: Prepared, count: int, say: Callable[[str], None]) -> dict[str, Any]:
    """`ageing`: `ap`, `recall` at PRECISION and `auroc_late` (damaged against sound from LATE_FROM on) of single looks;
    `called_damaged`: source to the share of sound tomatoes' looks, under the thresholds of the fold that left them
    out; `folds`."""
    pictures = [
        picture
        for part in PARTS
        for picture in prepared.dataset.parts[part]
        if picture.known == 1 and picture.source in {"ageing", "turntable"} and picture.damage >= 0
    ]
    found: list[tuple[Graded, bool]] = []
    for number, left_out in enumerate(folds_by_fruit((picture.fruit_key for picture in pictures), count), 1):
        say(f"fold {number} of {count}: {len(left_out)} fruit left out")
        bundle = without(prepared, left_out)
        own = [picture for picture in pictures if picture.fruit_key in left_out]
        graded = grade_all(LiteRTGrader(bundle), own, SEED, lambda: None)
        found += [(one, _called(one, bundle.manifest.thresholds)) for one in graded]
    ageing = [one for one, _ in found if one.picture.source == "ageing"]
    late = [one for one in ageing if one.picture.damage == 1 or one.picture.order >= LATE_FROM]
    return {
        "recipe": prepared.recipe.name,
        "folds": count,
        "ageing": {
            "ap": _figure(ageing, statistics.average_precision),
            "recall": _figure(ageing, lambda scores, are: statistics.recall_at(PRECISION, scores, are)),
            "auroc_late": _figure(late, statistics.auroc),
            "called": _share([pair for pair in found if pair[0].picture.damage == 1]),
        },
        "called_damaged": {
            source: _share([pair for pair in found if pair[0].picture.source == source and _is_sound(pair[0].picture)])
            for source in ("ageing", "turntable")
        },
    }


def _called(one: Graded, thresholds: Thresholds) -> bool:
    return decided_as(passage([one]), thresholds) == LABELS[DAMAGED]


def _is_sound(picture: Picture) -> bool:
    return picture.damage == 0


def _figure(
    graded: Sequence[Graded], statistic: Callable[[list[float], list[bool]], statistics.Statistic]
) -> statistics.Figure:
    scores = [one.grades.scores[DAMAGED] for one in graded]
    return figure(
        [one.picture.fruit_key for one in graded],
        statistic(scores, [one.picture.damage == 1 for one in graded]),
    )


def _share(pairs: Sequence[tuple[Graded, bool]]) -> statistics.Figure:
    return figure([one.picture.fruit_key for one, _ in pairs], statistics.share([called for _, called in pairs]))


def main() -> None:
    options = argparse.ArgumentParser(prog="python -m training.evaluation.folded", description=__doc__)
    options.add_argument("recipe")
    options.add_argument("--data", required=True)
    options.add_argument("--work", type=Path, required=True, help="looks and bundles are kept here")
    options.add_argument("--json", type=Path, required=True)
    options.add_argument("--folds", type=int, default=5)
    asked = options.parse_args()
    prepared = open_recipe(asked.recipe, asked.data, asked.work, print, held=False)
    asked.json.write_text(json.dumps(damage_by_folds(prepared, asked.folds, print), indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
