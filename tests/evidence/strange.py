"""What was never learned is told from tomatoes: kinds of produce left out whole, each method of telling them."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.evidence.trained import python_with_tensorflow
from tests.evidence.trial import NO_PHOTOGRAPHS, ROOT, Finding, Target, Trial, at_least, at_most, photographs

RECIPE = ROOT / "training" / "recipes" / "factory.toml"
SHIPPED = "known+knn"
RIG_AUROC, RIG_FPR95, SHOP_AUROC = 0.97, 0.10, 0.92


def strangers(trial: Trial) -> Finding:
    """`python -m training.strangers` with the choices of the recipe that ships and fewer looks (`ablation`); for less
    than the whole, one group of kinds and a copy of the recipe that learns little."""
    python, folder = python_with_tensorflow(), photographs()
    if python is None:
        return Finding({}, missing="no environment with TensorFlow: make training")
    if folder is None:
        return NO_PHOTOGRAPHS
    out = trial.folder / "strangers.json"
    recipe, groups = ("ablation", 4) if trial.size >= 1 else (_small(trial), 1)
    command = [python, "-m", "training.strangers", recipe, "--data", str(folder), "--json", str(out)]
    trial.run([*command, "--work", str(trial.folder / "looks"), "--groups", str(groups)], timeout_s=14_400)
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return Finding(found, list(_targets(found["kinds"])), 1)


def _targets(kinds: dict[str, Any]) -> list[Target]:
    targets = []
    for kind, row in kinds.items():
        shipped = row["methods"][SHIPPED]
        on_rig = kind.endswith("(turntable)")
        targets.append(at_least(f"{kind}, AUROC", shipped["auroc"]["value"], RIG_AUROC if on_rig else SHOP_AUROC))
        if on_rig:
            targets.append(at_most(f"{kind}, FPR95", shipped["fpr95"]["value"], RIG_FPR95))
    return targets


def _small(trial: Trial) -> str:
    text = RECIPE.read_text(encoding="utf-8")
    for key, value in {"count": 600, "epochs": 1, "tuned_epochs": 1, "views": 4}.items():
        text = re.sub(rf"(?m)^{key} = [\d_]+$", f"{key} = {value}", text)
    text = re.sub(r"(?m)^looks = [\d_]{3,}$", "looks = 256", text)
    text = re.sub(r"(?m)^looks = \d\d?$", "looks = 1", text)
    path = trial.folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)
