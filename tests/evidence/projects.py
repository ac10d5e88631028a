"""A second crop: from `sorter new` to green tests, and from its painted fruit to a bundle that sorts them."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from tests.evidence.trained import python_with_tensorflow, smaller
from tests.evidence.trial import Finding, Target, Trial, at_least, at_most, is_so, sorter

CROP = "cherry"
GREEN_WITHIN_S = 300
RIGHT, PURE = 0.85, 0.97
"""Of fruit that the bundle never saw: what falls where it belongs, and how pure the worst outlet is."""

STRANGE = "strangers"
SCENARIOS = ("clean", "workload", STRANGE)
"""Of the last the figures are told and nothing is asked: its strangers have the colour of a grade, on purpose."""

FEW = 4
"""Fruit of each grade and part where less than the whole is measured."""


def second_crop(trial: Trial) -> Finding:
    """`sorter new cherry-line` and `make test`; then its fruit are painted, its recipe is trained, its indicators are
    asked, its own scenarios run with that bundle, and `make test` once more."""
    python = python_with_tensorflow()
    if python is None:
        return Finding({}, missing="no environment with TensorFlow: make training")
    project = trial.folder / f"{CROP}-line"
    start_s = time.monotonic()
    trial.run([*sorter(), "new", str(project), "--crop", CROP])
    _tests(trial, project)
    green_s = round(time.monotonic() - start_s, 1)
    seconds = _taught(trial, project, python)
    told = ("evaluate", "bundle", "--data", "fruit", "--profile", "profile.toml", "--indicators", "indicators.toml")
    fit = trial.run(_there(project, python, *told, "--out", "out/evaluation"), ok=(0, 1)).returncode == 0
    scenarios = SCENARIOS if trial.size >= 1 else SCENARIOS[:1]
    runs = {name: _sorted(trial, project, name) for name in scenarios}
    if trial.size >= 1:
        _tests(trial, project)  # the same claims, with its own bundle
    figures = {"crop": CROP, "new_to_green_s": green_s, **seconds, "fit_by_its_indicators": fit, "scenarios": runs}
    return Finding(figures, _targets(green_s, fit, runs), 1)


def _targets(green_s: float, fit: bool, runs: dict[str, dict[str, Any]]) -> list[Target]:
    return [
        at_most("sorter new to green tests, s", green_s, GREEN_WITHIN_S),
        is_so("its bundle meets the project's indicators", fit),
        *(at_least(f"right, {name}", run["right"], RIGHT) for name, run in runs.items() if name != STRANGE),
        *(
            at_least(f"worst purity, {name}", run["worst_purity"], PURE)
            for name, run in runs.items()
            if name != STRANGE
        ),
    ]


def _tests(trial: Trial, project: Path) -> None:
    """The project's own; where less than the whole is measured, those of its settings: the suite runs them all."""
    some = [] if trial.size >= 1 else ["ARGS=tests/test_profile.py"]
    trial.run(["make", "-C", str(project), "test", f"PYTHON={sys.executable}", *some])


def _taught(trial: Trial, project: Path, python: str) -> dict[str, float]:
    """Paint and train; how long each took."""
    recipe, crop, few = project / "recipe.toml", project / "crop.toml", ["--fruit", str(FEW)]
    if trial.size < 1:
        recipe.write_text(smaller(recipe.read_text(encoding="utf-8")), encoding="utf-8")
        crop.write_text(crop.read_text(encoding="utf-8") + "held_views = 4\n", encoding="utf-8")  # of [count]
    start_s = time.monotonic()
    trial.run(_there(project, sys.executable, "paint", "crop.toml", "--out", "fruit", *(few if trial.size < 1 else [])))
    painted_s = time.monotonic()
    trial.run(_there(project, python, "train", "recipe.toml", "--data", "fruit", "--out", "bundle"))
    return {"paint_s": round(painted_s - start_s, 1), "train_s": round(time.monotonic() - painted_s, 1)}


def _there(project: Path, python: str, *arguments: str) -> list[str]:
    """A sorter command in the project's folder."""
    return ["env", "-C", str(project), *sorter(python), *arguments]


def _sorted(trial: Trial, project: Path, scenario: str) -> dict[str, Any]:
    fruit, report = trial.count(400, 20), project / "out" / f"{scenario}.json"
    report.parent.mkdir(exist_ok=True)
    options = (
        "--fast",
        "--fruit",
        str(fruit),
        "--fruit-images",
        "fruit",
        "--bundle",
        "bundle",
        "--report",
        str(report),
    )
    trial.run(_there(project, sys.executable, "sim", f"scenarios/{scenario}.toml", *options))
    found = json.loads(report.read_text(encoding="utf-8"))
    purity = {outlet: one["purity"] for outlet, one in found["outlets"].items() if outlet != "end"}
    return {
        "fruit": found["fruit"],
        "right": round(found["fates"]["right"] / found["fruit"], 4),
        "worst_purity": min((one for one in purity.values() if one is not None), default=None),
        "fates": found["fates"],
        "outlets": found["outlets"],
        "confusion": found["confusion"],
    }
