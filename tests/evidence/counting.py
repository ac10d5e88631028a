"""`sorter grade --scene` on rendered photographs of fruit on tables, and on one fruit of any size on any ground."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.datapath import LABELS, UNKNOWN
from sim.fruit import load_builtin
from tests.evidence.grounds import PLAIN, TUNED, UNSEEN
from tests.evidence.tables import Lying, Pixels, photograph
from tests.evidence.trial import Finding, Target, Trial, at_least, at_most, sorter

SEED = 36
SCENES = 300
LARGEST = 8
RIPENESS = LABELS[:3]

_PARTS = (("tuned", TUNED), ("unseen", UNSEEN))

SIDES_PX = (100, 400, 1_200, 4_000)
SHARES = (0.01, 0.1, 0.4)
"""Of the picture that one fruit fills."""

MATCHED = 0.5
"""Boxes that share so much of what they cover together are of one fruit."""


def counting(trial: Trial) -> Finding:
    """Counts, and ripeness by label, on scenes apart and touching; which single fruit are found."""
    rows = _scenes(trial)
    touching = [row for row in rows if row["layout"] == "touching"]
    sound = sum(row["sound"] for row in rows)
    figures: dict[str, Any] = {
        "scenes": {
            f"{layout} on {ground}": _counted([r for r in rows if (r["layout"], r["ground"]) == (layout, ground)])
            for layout, ground in sorted({(row["layout"], row["ground"]) for row in rows})
        },
        "touching": _counted(touching),
        "apart": _counted([row for row in rows if row["layout"] == "apart"]),
        "matched": _share(sum(row["matched"] for row in rows), sum(row["fruit"] for row in rows)),
        "sound_fruit": sound,
        "ripeness_by_label": _share(sum(row["labelled"] for row in rows), sound),
        "ripeness_by_scores": _share(sum(row["scored"] for row in rows), sound),
        "single": (single := _single(trial)),
    }
    targets: list[Target] = [
        at_least("share of touching scenes counted right", figures["touching"]["counted_right"], 0.95),
        at_most("mean error of the count", _counted(rows)["mean_error"], 0.08),
        at_least("share of sound fruit matched with the right ripeness", figures["ripeness_by_label"], 0.93),
        at_least("share of single fruit found, at any size on any ground", single["found"], 1.0),
    ]
    return Finding(figures, targets, SEED)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def _counted(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    errors = np.array([row["found"] - row["fruit"] for row in rows])
    return {
        "scenes": len(rows),
        "fruit": sum(row["fruit"] for row in rows),
        "counted_right": round(float(np.mean(errors == 0)), 4) if len(rows) else None,
        "mean_error": round(float(np.mean(np.abs(errors))), 4) if len(rows) else None,
    }


def _scenes(trial: Trial) -> list[dict[str, Any]]:
    """Half on the grounds that detection was tried out on, half on others; every second scene touching."""
    grounds = [(f"{name}, {part}", draw) for part, some in _PARTS for name, draw in some.items()]
    skins = [skin for skin in load_builtin("held") if skin.label != UNKNOWN]
    truths: dict[Path, tuple[dict[str, Any], list[Lying]]] = {}
    for n in range(trial.count(SCENES, least=2)):
        rng = np.random.default_rng([SEED, n])
        layout = "touching" if n % 2 else "apart"
        name, ground = grounds[n // 2 % len(grounds)]
        size_px = round(float(np.exp(rng.uniform(np.log(480), np.log(4_000)))))
        count = int(rng.integers(2 if n % 2 else 1, LARGEST + 1))
        picture, truth = photograph(rng, skins, ground, count, layout, size_px=size_px)
        if truth:
            path = trial.folder / f"scene-{n:03}.jpg"
            _write(path, picture)
            truths[path] = ({"layout": layout, "ground": name, "fruit": len(truth)}, truth)
    answers = _graded(trial, "scenes", "--scene", list(truths))
    return [{**row, **_met(truth, answers[str(path)])} for path, (row, truth) in truths.items()]


def _met(truth: Sequence[Lying], items: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many of a scene's fruit were found, and of the sound ones given the right ripeness."""
    matched = sound = labelled = scored = 0
    for fruit in truth:
        best = max(items, key=lambda item: _overlap(fruit.box_px, item["box_px"]), default=None)
        met = best is not None and _overlap(fruit.box_px, best["box_px"]) > MATCHED
        matched += met
        if fruit.skin.label in RIPENESS:
            sound += 1
            if met and best is not None:
                labelled += best["label"] == fruit.skin.label
                scored += max(RIPENESS, key=best["scores"].__getitem__) == fruit.skin.label
    return {"found": len(items), "matched": matched, "sound": sound, "labelled": labelled, "scored": scored}


def _overlap(a: Sequence[float], b: Sequence[float]) -> float:
    """Intersection over union of two boxes (x, y, width, height)."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(width, 0) * max(height, 0)
    return float(both / (a[2] * a[3] + b[2] * b[3] - both))


def _single(trial: Trial) -> dict[str, Any]:
    """One fruit of each size on each plain ground: the one item that `--crops` gives is that fruit."""
    skins = [skin for skin in load_builtin("held") if skin.label in RIPENESS]
    truths: dict[Path, tuple[str, Lying]] = {}
    rng = np.random.default_rng(SEED)
    sides = SIDES_PX if trial.size >= 1 else SIDES_PX[:2]
    for ground, draw in PLAIN.items():
        for side in sides:
            for share in SHARES:
                picture, truth = photograph(rng, skins, draw, 1, "apart", size_px=side, share=share)
                for fruit in truth:
                    path = trial.folder / f"{ground}-{side}-{share}.jpg"
                    _write(path, picture)
                    truths[path] = (f"{ground}, {side} px, {share:.0%}", fruit)
    answers = _graded(trial, "single", "--crops", list(truths))
    missed = [
        case
        for path, (case, fruit) in truths.items()
        if _overlap(fruit.box_px, answers[str(path)][0]["box_px"]) <= MATCHED
    ]
    return {"pictures": len(truths), "found": _share(len(truths) - len(missed), len(truths)), "missed": missed}


def _write(path: Path, picture: Pixels) -> None:
    cv2.imwrite(str(path), picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, 95])


def _graded(trial: Trial, name: str, how: str, files: list[Path]) -> dict[str, list[dict[str, Any]]]:
    out = trial.folder / f"{name}.jsonl"
    trial.run([*sorter(), "grade", *map(str, files), how, "--json", str(out)])
    lines = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
    return {line["file"]: line["items"] for line in lines}
