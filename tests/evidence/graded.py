"""The factory recipe: damage on fruit left out of it, what int8 and the network cost, and how long it takes."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from edge.bundle import FACTORY, load_bundle
from tests.evidence import workers
from tests.evidence.trained import python_with_tensorflow
from tests.evidence.trial import NO_PHOTOGRAPHS, ROOT, Finding, Trial, at_least, at_most, photographs, sorter

_NO_TENSORFLOW = Finding({}, missing="no environment with TensorFlow: make training")

_REFERENCE = """
import sys, keras, numpy, tensorflow
from training.quantise import to_int8
net = keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, weights=None, classes=5)
looks = numpy.random.default_rng(1).integers(0, 256, (20, 96, 96, 3), dtype=numpy.uint8)
open(sys.argv[1], "wb").write(to_int8(tensorflow, net, looks))
"""


def damage(trial: Trial) -> Finding:
    """Every ageing fruit and turntable tomato judged by a bundle of the factory's choices that never learned it, nor as
    many looks as the factory's (the recipe `ablation`)."""
    folder, python = photographs(), python_with_tensorflow()
    if folder is None or python is None:
        return NO_PHOTOGRAPHS if folder is None else _NO_TENSORFLOW
    recipe = "ablation" if trial.size >= 1 else _small(trial)
    out = trial.folder / "folds.json"
    module = [python, "-m", "training.evaluation.folded", recipe, "--data", str(folder)]
    folds = trial.count(5, 2)
    trial.run([*module, "--work", str(trial.folder / "work"), "--json", str(out), "--folds", str(folds)], 10_800)
    found = json.loads(out.read_text(encoding="utf-8"))
    ageing = {name: figure["value"] for name, figure in found["ageing"].items()}
    targets = [
        at_least("average precision, one look", ageing["ap"], 0.90),
        at_least("recall at precision 0.917, one look", ageing["recall"], 0.81),
        at_least("AUROC against sound fruit as late", ageing["auroc_late"], 0.9),
        at_most("turntable tomatoes called damaged", found["called_damaged"]["turntable"]["value"], 0.03),
    ]
    return Finding(found, targets, 1)


def quantised(trial: Trial) -> Finding:
    """int8 beside float, and the device's cost beside MobileNetV2 0.35 at 96 px in the same run."""
    python = python_with_tensorflow()
    if python is None:
        return _NO_TENSORFLOW
    reference = trial.folder / "mobilenet.tflite"
    trial.run([python, "-c", _REFERENCE, str(reference)])
    bundle = load_bundle(FACTORY)
    metrics = bundle.manifest.metrics
    times = _times_ms({"bundle": bundle.weights, "mobilenet_v2_035_96": reference}, trial.count(2_000, 50))
    ratio = round(times["bundle"] / times["mobilenet_v2_035_96"], 3)
    size = sum(path.stat().st_size for path in bundle.folder.iterdir())
    targets = [
        at_most("points below float", _number(metrics, "int8_points_below_float"), 0.5),
        at_least("looks with float's label", _number(metrics, "int8_agrees_with_float"), 0.99),
        at_most("times MobileNetV2 0.35 at 96 px", ratio, 1.5),
        at_most("bundle, bytes", size, 1_500_000),
    ]
    return Finding({"times_ms": times, "ratio": ratio, "bytes": size, "metrics": metrics}, targets)


def whole_recipe(trial: Trial) -> Finding:
    """`sorter train factory` from photographs to a bundle, on two processes; and an epoch of the CI recipe by two
    workers."""
    folder, python = photographs(), python_with_tensorflow()
    if folder is None or python is None:
        return NO_PHOTOGRAPHS if folder is None else _NO_TENSORFLOW
    recipe = "factory" if trial.size >= 1 else _small(trial)
    start_s = time.monotonic()
    out = str(trial.folder / "bundle")
    trial.run([*sorter(python), "train", recipe, "--data", str(folder), "--out", out], 7_200)
    took_min = round((time.monotonic() - start_s) / 60, 1)
    made = load_bundle(Path(out))
    apart = workers.losses(trial, python)
    figures = {"took_min": took_min, "bundle": made.identity, "metrics": made.manifest.metrics, "losses": apart}
    targets = [
        at_most("the factory recipe, minutes", took_min, 40),
        at_most("two workers' loss beside one's", abs(apart["worker_0"] / apart["alone"] - 1), 0.01),
    ]
    return Finding(figures, targets, 1)


def _times_ms(models: Mapping[str, Path], calls: int) -> dict[str, float]:
    """Median of one call, one thread; the models take turns, so that a busy computer is as busy for each."""
    nets = {}
    for name, path in models.items():
        nets[name] = Interpreter(model_path=str(path), num_threads=1)
        nets[name].allocate_tensors()
        given = nets[name].get_input_details()[0]
        nets[name].set_tensor(given["index"], np.full(given["shape"], 90, np.uint8))
    took: dict[str, list[int]] = {name: [] for name in nets}
    for _ in range(calls):
        for name, net in nets.items():
            start_ns = time.perf_counter_ns()
            net.invoke()
            took[name].append(time.perf_counter_ns() - start_ns)
    return {name: round(statistics.median(found) / 1e6, 4) for name, found in took.items()}


def _number(metrics: Mapping[str, float | int | str | None], name: str) -> float | None:
    value = metrics.get(name)
    return None if value is None or isinstance(value, str) else float(value)


def _small(trial: Trial) -> str:
    """The factory recipe with hardly any looks."""
    text = (ROOT / "training" / "recipes" / "factory.toml").read_text(encoding="utf-8")
    for key, value in (("count", 400), ("epochs", 1), ("tuned_epochs", 1), ("views", 4), ("looks", 256)):
        text = "\n".join(
            f"{key} = {value}" if line.startswith(f"{key} = ") and not line.endswith(" = 12") else line
            for line in text.splitlines()
        )
    path = trial.folder / "small.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)
