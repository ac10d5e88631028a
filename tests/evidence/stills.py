"""`sorter grade` on another camera's photographs, and the counting of fruit in rendered scenes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sim.fruit import load_builtin
from tests.evidence.scenes import SURFACES, write_scene
from tests.evidence.trial import Finding, Target, Trial, is_so, photographs, sorter

SEED = 1
SCENES = 50
"""Of each kind, on each surface."""


def stills(trial: Trial) -> Finding:
    """The confusion matrix on `lab/`, and how often a scene's fruit are counted right."""
    folder = photographs()
    figures: dict[str, Any] = {"scenes": _scenes(trial)}
    targets: list[Target] = [is_so("every scene is answered", all(row["scenes"] for row in figures["scenes"].values()))]
    if folder is None:
        return Finding(figures, targets, SEED, "SORTER_DATA names no folder of photographs: lab/ is unmeasured")
    figures["lab"] = lab = _lab(trial, folder / "lab")
    targets.append(is_so("every photograph is answered", lab["photographs"] == sum(lab["answers"].values())))
    return Finding(figures, targets, SEED)


def _lab(trial: Trial, folder: Path) -> dict[str, Any]:
    """Folders are named after the grade that the eye gave."""
    files = sorted(folder.glob("*/*.*"))
    grades: dict[str, Counter[str]] = {}
    answers: Counter[str] = Counter()
    for line in _grade(trial, "lab", "--crops", files):
        items = line.get("items", [])
        answers["one item" if len(items) == 1 else "other"] += 1
        found = items[0]["label"] if len(items) == 1 else "none"
        grades.setdefault(Path(line["file"]).parent.name, Counter())[found] += 1
    right = sum(row[label] for label, row in grades.items())
    return {
        "photographs": len(files),
        "answers": dict(answers),
        "right": right,
        "accuracy": round(right / len(files), 4),
        "confusion": {label: dict(sorted(row.items())) for label, row in sorted(grades.items())},
    }


def _scenes(trial: Trial) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    skins = load_builtin("held")
    rows = {}
    for kind in ("separate", "touching"):
        for surface in SURFACES:
            folder = trial.folder / f"{kind}-{surface}"
            folder.mkdir()
            names = [folder / f"{n:03}.png" for n in range(trial.count(SCENES))]
            true = {str(name): write_scene(name, skins, surface, kind == "touching", rng) for name in names}
            rows[f"{kind} on {surface}"] = _counted(true, _grade(trial, folder.name, "--scene", names))
    return rows


def _counted(true: Mapping[str, int], lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    found = {line["file"]: len(line.get("items", [])) for line in lines}
    errors = [found[name] - number for name, number in true.items()]
    return {
        "scenes": len(errors),
        "fruit": sum(true.values()),
        "scenes_counted_right": round(sum(error == 0 for error in errors) / len(errors), 4),
        "fruit_too_many": sum(error for error in errors if error > 0),
        "fruit_too_few": -sum(error for error in errors if error < 0),
    }


def _grade(trial: Trial, name: str, how: str, files: list[Path]) -> list[dict[str, Any]]:
    out = trial.folder / f"{name}.jsonl"
    # 1: an image among them cannot be read; its line says so.
    trial.run([*sorter(), "grade", *map(str, files), how, "--json", str(out)], ok=(0, 1))
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
