"""From pictures to a bundle that sorts: the CI recipe, and nothing learned beforehand."""

from __future__ import annotations

import importlib.util
import os
import re
import sys
import time
from pathlib import Path

from tests.evidence.trial import ROOT, Finding, Trial, at_most, is_so, sorter

RECIPE = ROOT / "training" / "recipes" / "ci.toml"
WITHIN_S = 60


def recipe(trial: Trial) -> Finding:
    """`sorter train ci --data builtin`, then `sorter sim` with what came of it."""
    python = python_with_tensorflow()
    if python is None:
        return Finding({}, missing="no environment with TensorFlow: make training")
    out = trial.folder / "bundle"
    start_s = time.monotonic()
    trial.run([*sorter(python), "train", small_recipe(trial), "--data", "builtin", "--out", str(out)])
    trained_s = round(time.monotonic() - start_s, 1)
    fruit = trial.count(400, 20)
    found = trial.report("trained", "sim", "clean", "--fast", "--fruit", str(fruit), "--bundle", str(out))
    figures = {"train_s": trained_s, "bundle": found["bundle"], "fruit": fruit, "fates": found["fates"]}
    targets = [
        at_most("sorter train, s", trained_s, WITHIN_S),
        is_so("the simulator runs the bundle", sum(found["fates"].values()) == fruit),
    ]
    return Finding(figures, targets, 1)


def small_recipe(trial: Trial) -> str:
    """The recipe that ships; for less than the whole, a copy of it with fewer epochs and looks."""
    if trial.size >= 1:
        return "ci"
    path = trial.folder / "small.toml"
    path.write_text(smaller(RECIPE.read_text(encoding="utf-8")), encoding="utf-8")
    return str(path)


def smaller(text: str) -> str:
    """A recipe's text with one epoch of few looks."""
    text = re.sub(r"(?m)^epochs = .*$", "epochs = 1", text)
    text = re.sub(r"(?m)^looks = [\d_]{3,}$", "looks = 128", text)
    return re.sub(r"(?m)^count = [\d_]{3,}$", "count = 256", text)


def python_with_tensorflow() -> str | None:
    """A Python with TensorFlow: this one, the one that TRAINING_PYTHON names, or the checkout's."""
    if importlib.util.find_spec("tensorflow"):
        return sys.executable
    named = Path(os.environ.get("TRAINING_PYTHON", ROOT / ".venv-training" / "bin" / "python"))
    return str(named.absolute()) if named.exists() else None
