"""From a recipe and its pictures to a bundle: fit, quantise, choose thresholds, measure, write."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.bundle import REFERENCE, WEIGHTS, Bundle, Manifest, Origin, Thresholds
from edge.datapath import LABELS
from edge.grade.litert import LiteRTGrader, scores_of
from edge.grade.verdict import DAMAGED
from training import network, release
from training.augment import LINE, look, stranger
from training.choosing import choose
from training.dataset import UNTOLD, Dataset, Picture
from training.evaluation import sections
from training.passages import play
from training.preparing import Prepared, Trained, prepare
from training.recipe import Recipe
from training.reference import arrays_of, strangeness_from, write_reference
from training.sources import IMAGENET, licence_of
from training.trunk.network import Untyped

_AGREEMENT_LOOKS = 3_000
_UNCHOSEN = Thresholds(least_confidence=0.0, most_unknown=1.0, damaged=0.5)


@dataclass(frozen=True, slots=True)
class Listener:
    """Who is told how far the work is: `step` a sentence, `epoch` a number and the loss."""

    step: Callable[[str], None]
    epoch: Callable[[int, float], None] = field(default=lambda _number, _loss: None)


def make(
    recipe: Recipe, text: str, dataset: Dataset, out: Path, tell: Listener, work: Path | None = None
) -> tuple[Bundle, dict[str, Any]] | None:
    """Train and write the bundle; returns it and its report on held-out fruit, None on a worker that only helps. Raises
    UsageFault. `work` keeps looks and epochs, so that the same command goes on where it was broken off; without it they
    go once all is done."""
    release.check_target(out)
    place = work or out.parent / f".{out.name}-work"
    prepared = prepare(recipe, text, dataset, place, tell.step)
    trained = prepared.train(epoch=tell.epoch)
    made = finish(prepared, trained, out, (), tell.step) if prepared.spread.writes else None
    if work is None:
        shutil.rmtree(prepared.work)
    return made


def finish(
    prepared: Prepared,
    trained: Trained,
    out: Path,
    left_out: Collection[str] = (),
    say: Callable[[str], None] | None = None,
) -> tuple[Bundle, dict[str, Any]]:
    """From a trained network to its bundle: thresholds on validation fruit, golden layers, and figures on held-out
    fruit where `say` is there to be told of them."""
    recipe, parts = prepared.recipe, prepared.dataset.parts
    manifest = _manifest(recipe, prepared.text, prepared.dataset, left_out)
    report: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / WEIGHTS).write_bytes(trained.weights)
        learned, validation = (
            [picture for picture in parts[part] if picture.fruit_key not in left_out]
            for part in ("train", "validation")
        )
        grader = _grader(Path(place), manifest)
        unknown, reference = strangeness_from(grader, learned, validation, recipe.input, recipe.seed)
        write_reference(Path(place) / REFERENCE, arrays_of(reference))
        manifest = manifest.model_copy(update={"unknown": unknown})
        grader = _grader(Path(place), manifest)
        thresholds = choose(_validation(grader, validation, recipe), recipe.choosing.refused)
        manifest = manifest.model_copy(update={"thresholds": thresholds})
        if say is not None:
            report = sections.held_figures(grader, parts["held"], thresholds, say)
            unseen = [picture for picture in (*validation, *parts["held"]) if picture.known == 1]
            report |= _quantisation(trained.model.whole, grader, unseen, recipe)
            told = {name: report[name] for name in report if "float" in name}
            manifest = manifest.model_copy(update={"metrics": {**sections.metrics_of(report), **told}})
        rendered = [picture for picture in parts["validation"] if picture.source == "builtin"]
        golden = release.golden_layers(grader, rendered, manifest)
    arrays = arrays_of(reference)
    return release.write_bundle(out, manifest, trained.weights, golden, report, arrays), report


def _grader(folder: Path, manifest: Manifest) -> LiteRTGrader:
    return LiteRTGrader(Bundle(folder=folder, manifest=manifest, digest="in-training"))


def _validation(grader: LiteRTGrader, pictures: Sequence[Picture], recipe: Recipe) -> list[Any]:
    """Passages of validation fruit, and of as many made-up strangers as there are fruit."""
    rng = np.random.default_rng(recipe.seed)
    views = [picture for picture in pictures if picture.known == 1][:: recipe.data.views]
    strangers = [_renamed(stranger(picture, rng), n) for n, picture in enumerate(views)]
    return list(play(grader, [*pictures, *strangers], recipe.choosing.looks, sections.TIMES, recipe.seed))


def _renamed(picture: Picture, number: int) -> Picture:
    return Picture(
        "made-up", f"{number}", 0, picture.pixels, picture.mask, picture.grade, picture.ripeness, picture.damage, 0
    )


def _quantisation(
    model: Untyped, grader: LiteRTGrader, pictures: Sequence[Picture], recipe: Recipe
) -> dict[str, float]:
    """What int8 costs on looks at tomatoes never learned: the share of looks with the likeliest label that the float
    network gives, and by how many points fewer are right."""
    told = [picture for picture in pictures if picture.damage == 1 or picture.ripeness != UNTOLD]
    rng = np.random.default_rng(recipe.seed)
    own = [told[int(n)] for n in rng.integers(len(told), size=_AGREEMENT_LOOKS)]
    looks = np.stack([look(picture, recipe.input, rng, LINE)[0] for picture in own])
    before: NDArray[Any] = model.predict(looks, verbose=0)[network.SCORES]
    as_float = np.argmax([scores_of(*logits[:4]) for logits in before.astype(float).tolist()], axis=1)
    as_int8 = np.argmax([grader.grade_tensor(tensor).scores for tensor in looks], axis=1)
    true = np.array([DAMAGED if picture.damage == 1 else picture.ripeness for picture in own])
    fewer = np.mean(as_float == true) - np.mean(as_int8 == true)
    return {
        "int8_agrees_with_float": round(float(np.mean(as_int8 == as_float)), 4),
        "int8_points_below_float": round(100 * float(fewer), 2),
    }


def _manifest(recipe: Recipe, text: str, dataset: Dataset, left_out: Collection[str]) -> Manifest:
    learned = {
        source: [name for name in names if f"{source}/{name}" not in left_out]
        for source, names in dataset.fruit("train", "validation").items()
    }
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
        licences=[licence_of(source) for source in learned] + ([IMAGENET] if recipe.network.pretrained else []),
        files={},
    )
