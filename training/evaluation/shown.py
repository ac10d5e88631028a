"""Parts of an evaluation on their own, for whoever asks one question of many bundles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from edge.bundle import Bundle
from edge.grade.fusion import Judge
from edge.grade.litert import LiteRTGrader
from training import builtin, photographs
from training.evaluation.another_camera import another_camera
from training.evaluation.looks import Graded, grade_all, grade_stills
from training.evaluation.ripeness import ripeness
from training.evaluation.rule import HueRule
from training.evaluation.sections import SEED
from training.sources import held_out


def lab_figures(bundle: Bundle, folder: Path) -> dict[str, Any]:
    """See `another_camera`: the bundle and the hue rule on `lab`."""
    rule = HueRule.of(builtin.read_atlas(builtin.atlas_folder(), "train")[0])
    return another_camera(_lab(bundle, folder), Judge.of(bundle.manifest.thresholds), rule)


def ripeness_figures(bundle: Bundle, folder: Path | None, views: int = 60) -> dict[str, Any]:
    """See `ripeness`: `lab`, `rendered` and `red`, of up to so many views of a photographed fruit; `rendered` alone
    without photographs."""
    pictures = held_out(folder, bundle.manifest.origin.trained_on, views)
    graded = grade_all(LiteRTGrader(bundle), pictures, SEED, lambda: None)
    lab = [] if folder is None else _lab(bundle, folder)
    return ripeness(graded, lab, Judge.of(bundle.manifest.thresholds))


def _lab(bundle: Bundle, folder: Path) -> list[Graded]:
    return grade_stills(LiteRTGrader(bundle), "lab", photographs.validation_only(folder))
