"""Each cultivar left out whole: what a bundle makes of tomatoes of a shape and colour that it never learned."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.evidence.trained import python_with_tensorflow, small_recipe
from tests.evidence.trial import NO_PHOTOGRAPHS, ROOT, Finding, Trial, at_most, is_so, photographs

RECIPE = ROOT / "training" / "recipes" / "ablation.toml"
GAP = 0.05
"""What a cultivar may lose on the mean, when none of it was learned."""


def cultivars(trial: Trial) -> Finding:
    """The factory's choices with fewer looks; the real kinds again without rendered fruit, which shows what those close
    of the gap. A small size takes one rendered cultivar and the CI recipe."""
    python, folder = python_with_tensorflow(), photographs()
    if python is None:
        return Finding({}, missing="no environment with TensorFlow: make training")
    if trial.size < 1:
        found = _left_out(trial, python, small_recipe(trial), "builtin", "--most", "1")
        return Finding(found, [_every(found, 1)], 1)
    if folder is None:
        return NO_PHOTOGRAPHS
    found = _left_out(trial, python, str(RECIPE), str(folder))
    bare = trial.folder / "photographs-alone.toml"
    text = RECIPE.read_text(encoding="utf-8")
    bare.write_text(re.sub(r"(?m)^\[data\]$", "[data]\nrendered = false", text), encoding="utf-8")
    found["without_rendered_fruit"] = _left_out(trial, python, str(bare), str(folder))["real"]
    gap = found["ordinary"] - found["mean"]
    return Finding(found, [_every(found, 10), at_most("ordinary less left out, mean", round(gap, 4), GAP)], 1)


def _left_out(trial: Trial, python: str, recipe: str, data: str, *more: str) -> dict[str, Any]:
    file = trial.folder / f"{Path(recipe).stem}.json"
    folders = ["--work", str(trial.folder / "folds"), "--json", str(file)]
    trial.run([python, "-m", "training.evaluation.cultivars", recipe, "--data", data, *folders, *more])
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _every(found: dict[str, Any], count: int) -> Any:
    judged = [one for one in found["rendered"].values() if one["left_out"] and one["figure"]["value"] is not None]
    return is_so(f"{count} rendered cultivars left out and judged", len(judged) == count)
