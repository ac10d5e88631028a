"""From a recipe and its pictures to a bundle: fit, quantise, choose thresholds, measure, write."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.bundle import WEIGHTS, Bundle, Manifest, Origin, Thresholds
from edge.datapath import LABELS
from edge.grade.litert import LiteRTGrader, scores_of
from training import evaluate, network, quantise, release
from training.augment import LINE, stranger
from training.choosing import choose
from training.dataset import Dataset, Picture
from training.passages import play
from training.recipe import Recipe
from training.sources import LICENCES
from training.train import Sampler, fit, start_tensorflow

_AGREEMENT_LOOKS = 400
_UNCHOSEN = Thresholds(least_confidence=0.0, most_unknown=1.0, damaged=0.5)


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told how far the work is: `step` a sentence, `epoch` a number and the loss."""

    step: Callable[[str], None]
    epoch: Callable[[int, float], None] = field(default=lambda _number, _loss: None)


def make(recipe: Recipe, text: str, dataset: Dataset, out: Path, tell: Listener) -> tuple[Bundle, dict[str, Any]]:
    """Train and write the bundle; returns it and its report on held-out fruit. Raises UsageFault."""
    release.check_target(out)
    manifest = _manifest(recipe, text, dataset)
    tensorflow = start_tensorflow(recipe.seed)
    sampler = Sampler(dataset.parts["train"], recipe.training.weights, recipe.input, recipe.seed)
    model = network.build(recipe.network, recipe.input.size_px)
    fit(model, sampler, recipe, tell.epoch)
    tell.step("quantising")
    looks = sampler.draw(recipe.training.epochs, quantise.CALIBRATION_LOOKS)[0]
    weights = quantise.to_int8(tensorflow, model, looks)
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / WEIGHTS).write_bytes(weights)
        grader = LiteRTGrader(Bundle(folder=Path(place), manifest=manifest, digest="in-training"))
        tell.step("choosing thresholds on validation fruit")
        thresholds = choose(_validation(grader, dataset, recipe), recipe.choosing.refused)
        report = evaluate.held_figures(grader, dataset.parts["held"], thresholds, tell.step)
        report["int8_agrees_with_float"] = _agreement(model, grader, dataset.parts["validation"], recipe)
        metrics = {**evaluate.metrics_of(report), "int8_agrees_with_float": report["int8_agrees_with_float"]}
        manifest = manifest.model_copy(update={"thresholds": thresholds, "metrics": metrics})
        rendered = [picture for picture in dataset.parts["validation"] if picture.source == "builtin"]
        golden = release.golden_layers(grader, rendered, manifest)
    return release.write_bundle(out, manifest, weights, golden, report), report


def _validation(grader: LiteRTGrader, dataset: Dataset, recipe: Recipe) -> list[Any]:
    """Passages of validation fruit, and of as many made-up strangers as there are fruit."""
    pictures = dataset.parts["validation"]
    rng = np.random.default_rng(recipe.seed)
    views = [picture for picture in pictures if picture.known == 1][:: recipe.data.views]
    strangers = [_renamed(stranger(picture, rng), n) for n, picture in enumerate(views)]
    return list(play(grader, [*pictures, *strangers], recipe.choosing.looks, evaluate.TIMES, recipe.seed))


def _renamed(picture: Picture, number: int) -> Picture:
    return Picture(
        "made-up", f"{number}", 0, picture.pixels, picture.mask, picture.grade, picture.ripeness, picture.damage, 0
    )


def _agreement(model: network.Untyped, grader: LiteRTGrader, pictures: list[Picture], recipe: Recipe) -> float:
    sampler = Sampler(pictures, {}, recipe.input, recipe.seed)
    looks = sampler.draw(0, _AGREEMENT_LOOKS, LINE)[0]
    before: NDArray[Any] = model.predict(looks, verbose=0)[network.SCORES]
    float_scores = [scores_of(*logits[:4]) for logits in before.astype(float).tolist()]
    int8_scores = [grader.grade_tensor(look).scores for look in looks]
    return round(evaluate.agreement(float_scores, int8_scores), 4)


def _manifest(recipe: Recipe, text: str, dataset: Dataset) -> Manifest:
    learned = dataset.fruit("train", "validation")
    return Manifest(
        format=1,
        name=recipe.name,
        labels=LABELS,
        preprocessing=recipe.input,
        thresholds=_UNCHOSEN,
        origin=Origin(
            recipe=recipe.name,
            recipe_text=text,
            dataset_sha256=dataset.sha256(),
            code_commit=release.code_commit(),
            seed=recipe.seed,
            created_utc=release.made_utc(),
            trained_on=learned,
        ),
        metrics={},
        licences=[LICENCES[source] for source in learned],
        files={},
    )
