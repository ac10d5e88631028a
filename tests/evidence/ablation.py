"""What each choice is worth: real, rendered or both, ImageNet or from scratch, one softmax or three heads."""

from __future__ import annotations

import json
import re
from typing import Any

from tests.evidence.trained import python_with_tensorflow
from tests.evidence.trial import NO_PHOTOGRAPHS, ROOT, Finding, Trial, at_most, is_so, photographs

RECIPE = ROOT / "training" / "recipes" / "ablation.toml"
RUNS, WITHIN_S = 5, 360


def ablation(trial: Trial) -> Finding:
    """`python -m training.ablation`; for less than the whole, two of the runs with a copy of the recipe that learns
    little."""
    folder, python = photographs(), python_with_tensorflow()
    if folder is None or python is None:
        return (
            NO_PHOTOGRAPHS if folder is None else Finding({}, missing="no environment with TensorFlow: make training")
        )
    out = trial.folder / "ablation.json"
    whole = trial.size >= 1
    runs = RUNS if whole else 2
    command = [python, "-m", "training.ablation", "ablation" if whole else _small(trial), "--data", str(folder)]
    command += ["--json", str(out), "--work", str(trial.folder / "work"), "--runs", str(runs)]
    table = trial.run(command, timeout_s=7_200).stdout
    found: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    told = [row for row in found.values() if row["lab"]["of"] and row["damage"] and row["unknown"]]
    slowest = max(row["took_s"] for row in found.values())
    targets = [
        is_so(f"{runs} runs with lab, damage and unknown", len(told) == runs),
        at_most("the slowest run, s", slowest, WITHIN_S),
    ]
    return Finding({"runs": found, "table": table.splitlines()}, targets, 1)


def _small(trial: Trial) -> str:
    text = RECIPE.read_text(encoding="utf-8")
    for key, value in {"count": 400, "epochs": 1, "tuned_epochs": 1, "views": 4}.items():
        text = re.sub(rf"(?m)^{key} = [\d_]+$", f"{key} = {value}", text)
    text = re.sub(r"(?m)^looks = [\d_]{3,}$", "looks = 256", text)
    path = trial.folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)
