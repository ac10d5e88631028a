"""The line in virtual time: what becomes of every fruit, rendered and photographed."""

from __future__ import annotations

import json
from typing import Any

from tests.evidence.trial import NO_PHOTOGRAPHS, Finding, Target, Trial, at_least, at_most, is_so, photographs

SEED = 1
FRUIT = 2_000
LOST = ("misdirected", "late", "collateral", "unseen")


def builtin(trial: Trial) -> Finding:
    """The held-out built-in fruit, twice."""
    fruit = trial.count(FRUIT, 20)
    first, second = (_clean(trial, f"builtin-{n}", fruit) for n in (1, 2))
    targets = [
        *_targets(first, fruit),
        at_least("right / fruit", round(first["fates"]["right"] / fruit, 4), 0.95),
        is_so("same seed, same report", _timeless(first) == _timeless(second)),
    ]
    return Finding({**first, "runs": 2}, targets, SEED)


def photographed(trial: Trial) -> Finding:
    """Real fruit on the belt, without those that the bundle learned from: aimed as well as any. How many are graded
    right is stated by grade, with the fruit behind it; there is no target to it."""
    folder = photographs()
    if folder is None:
        return NO_PHOTOGRAPHS
    fruit = trial.count(FRUIT, 20)
    found = _clean(trial, "photographs", fruit, "--fruit-images", str(folder))
    return Finding({**found, "fruit_images": "photographs"}, _targets(found, fruit), SEED)


def _clean(trial: Trial, name: str, fruit: int, *more: str) -> dict[str, Any]:
    return trial.report(name, "sim", "clean", "--fast", "--fruit", str(fruit), "--seed", str(SEED), *more)


def _targets(found: dict[str, Any], fruit: int) -> list[Target]:
    fates = found["fates"]
    return [
        is_so("fates add up to the fruit", sum(fates.values()) == fruit == found["fruit"]),
        at_most(" + ".join(LOST), sum(fates[fate] for fate in LOST), 2),
    ]


def _timeless(report: dict[str, Any]) -> str:
    return json.dumps({key: value for key, value in report.items() if key != "wall_s"})
