"""The same crops on LiteRT here and on tflite-runtime in its own Python."""

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.bundle import Bundle
from edge.datapath import Grades
from edge.grade.litert import LiteRTGrader
from edge.grade.preprocess import to_tensor
from edge.grade.verdict import label_of
from tests.tflite.place import TFLITE
from training.augment import LINE, seen
from training.builtin import atlas_folder, read_atlas

CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`top_1` is the share of crops with the same label, by the bundle's own thresholds; `highest` the share whose
    highest score is the same."""

    runtime: str
    golden_faults: list[str]
    crops: int
    top_1: float
    highest: float


def crops(bundle: Bundle, count: int, seed: int = 3) -> NDArray[np.uint8]:
    """Tensors (count, N, N, 3) of rendered fruit that the bundle has never seen."""
    pictures, _ = read_atlas(atlas_folder(), "held")
    rng = np.random.default_rng(seed)
    picked = rng.choice(len(pictures), count, replace=False)
    return np.stack([to_tensor(*seen(pictures[n], rng, LINE), bundle.manifest.preprocessing) for n in picked])


def agreement(bundle: Bundle, tensors: NDArray[np.uint8]) -> Agreement:
    """Grade `tensors` on both runtimes. Raises CalledProcessError where the other cannot."""
    told = _elsewhere(bundle, tensors)
    grader = LiteRTGrader(bundle)
    here = [grader.grade_tensor(tensor) for tensor in tensors]
    pairs = zip(told["scores"], told["unknown_scores"], strict=True)
    there = [Grades(tuple(scores), unknown) for scores, unknown in pairs]
    return Agreement(
        runtime=told["runtime"],
        golden_faults=told["golden_faults"],
        crops=len(tensors),
        top_1=float(np.mean([_label(a, bundle) == _label(b, bundle) for a, b in zip(here, there, strict=True)])),
        highest=float(np.mean([np.argmax(a.scores) == np.argmax(b.scores) for a, b in zip(here, there, strict=True)])),
    )


def _label(grades: Grades, bundle: Bundle) -> str:
    thresholds = bundle.manifest.thresholds
    return label_of(grades, thresholds.damaged, thresholds.most_unknown)[0]


def _elsewhere(bundle: Bundle, tensors: NDArray[np.uint8]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        given = Path(place) / "tensors.npy"
        np.save(given, tensors)
        words = [TFLITE, Path(__file__).with_name("worker.py"), bundle.folder, given]
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT)}
        ran = subprocess.run(words, capture_output=True, timeout=120, check=True, env=environment)
    told: dict[str, Any] = json.loads(ran.stdout)
    return told
