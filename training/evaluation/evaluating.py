"""A bundle's whole evaluation: everything is graded once, through the device's own code, and all figures are taken from
that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from edge.bundle import Bundle, Thresholds
from edge.config import Profile
from edge.grade.fusion import Judge
from edge.grade.litert import LiteRTGrader
from training import builtin, photographs
from training.dataset import Picture
from training.evaluation import another_camera, robustness, sections
from training.evaluation.calibration import calibration
from training.evaluation.cost import cost
from training.evaluation.curve import look_curve
from training.evaluation.damage import damage, false_alarms
from training.evaluation.looks import Graded, grade_all, grade_stills, passages
from training.evaluation.mistakes import Mistake, worst
from training.evaluation.promise import promise
from training.evaluation.ripeness import ripeness
from training.evaluation.rule import HueRule
from training.evaluation.strangeness import strangeness
from training.evaluation.varieties import varieties
from training.money import money_figures
from training.sources import held_out

VIEWS = 120


class Teller(Protocol):
    """Who is told how far the work is."""

    def step(self, what: str, total: int) -> None:
        """A step begins that has so many parts."""

    def done(self) -> None:
        """One part of the step is done."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`report` is what goes into the JSON; `mistakes` carry their pictures, for the local page alone."""

    report: dict[str, Any]
    mistakes: list[Mistake]


def evaluate(bundle: Bundle, folder: Path | None, profile: Profile, tell: Teller) -> Evaluation:
    """All figures of a bundle on fruit that it has never seen; those of photographs where `folder` holds them, or of a
    crop's painted fruit where it holds those; and what the bundle is worth by the profile's `[money]`.

    The report's keys: `bundle`, `thresholds`, `looks`, `photographs_given`, `sources`, `photographs`, `lab`,
    `ripeness`, `damage`, `false_alarms`, `calibration`, `promise`, `look_curve`, `robustness`, `strangers`,
    `varieties`, `money`, `quantisation`, `cost`, `mistakes`.
    """
    thresholds, trained_on = bundle.manifest.thresholds, bundle.manifest.origin.trained_on
    judge = Judge.of(thresholds)
    found_cost = cost(bundle)  # before pictures fill the memory
    grader = LiteRTGrader(bundle)
    tell.step("reading fruit that the bundle has never seen", 0)
    pictures = _unseen(folder, bundle)
    tell.step("grading", len(pictures))
    graded = grade_all(grader, pictures, sections.SEED, tell.done)
    lab: list[Graded] = []
    if folder is not None and builtin.is_atlas(folder):
        folder = None  # there are no photographs
    if folder is not None:
        tell.step("grading another camera's photographs", 0)
        lab = grade_stills(grader, "lab", photographs.validation_only(folder))
    tell.step("spoiling light, lens and size", robustness.settings())
    curves = robustness.robustness(grader, pictures, judge, tell.done)
    tell.step("counting", 0)
    mistakes = worst([*graded, *lab], judge)
    report = {
        "format": 1,
        "bundle": bundle.identity,
        "evaluated_utc": datetime.now(UTC).isoformat(timespec="seconds"),
        "photographs_given": folder is not None,
        "looks": sections.LOOKS,
        "thresholds": thresholds.model_dump(),
        **_figures(graded, lab, judge),
        "robustness": curves,
        "strangers": strangeness(graded, judge, trained_on),
        "money": _money(graded, profile, thresholds),
        "quantisation": _quantisation(bundle),
        "cost": found_cost,
        "mistakes": [one.told() for one in mistakes],
    }
    if folder is not None:
        report["varieties"] = _varieties(grader, folder, bundle)
    return Evaluation(report, mistakes)


def _unseen(folder: Path | None, bundle: Bundle) -> list[Picture]:
    learned = bundle.manifest.origin.trained_on
    pictures = held_out(folder, learned, VIEWS)
    if folder is not None and not builtin.is_atlas(folder):
        pictures += photographs.produce(folder, "val")[0]  # which nothing learns from
    return pictures


def _figures(graded: Sequence[Graded], lab: Sequence[Graded], judge: Judge) -> dict[str, Any]:
    told = [one for one in graded if one.picture.grade]
    whole = passages(told, sections.LOOKS, sections.TIMES, sections.SEED)
    found = {
        **sections.figures_of(told, judge),
        "damage": damage(told),
        "false_alarms": false_alarms([*told, *lab], whole, judge),
        "calibration": {
            source: calibration([one.judged(judge) for one in whole if one.source == source])
            for source in sorted({one.source for one in whole})
        },
        "promise": promise(whole, judge),
        "look_curve": look_curve(told, judge),
        "ripeness": ripeness(told, lab, judge),
    }
    if lab:
        rule = HueRule.of(builtin.read_atlas(builtin.atlas_folder(), "train")[0])
        found["lab"] = another_camera.another_camera(lab, judge, rule)
    return found


def _money(graded: Sequence[Graded], profile: Profile, thresholds: Thresholds) -> dict[str, Any]:
    """Of the rendered fruit, which alone have all grades and turn: see `training.money`."""
    rendered = [one for one in graded if one.picture.source == "builtin"]
    return money_figures(passages(rendered, sections.LOOKS, sections.TIMES, sections.SEED), profile, thresholds)


def _quantisation(bundle: Bundle) -> dict[str, Any]:
    """What training measured beside the float network, which does not go with a bundle."""
    return {name: value for name, value in bundle.manifest.metrics.items() if "float" in name or "int8" in name}


def _varieties(grader: LiteRTGrader, folder: Path, bundle: Bundle) -> dict[str, Any]:
    pictures = photographs.ungraded(folder, VIEWS)
    graded = grade_all(grader, pictures, sections.SEED, lambda: None)
    found = varieties(graded, Judge.of(bundle.manifest.thresholds), sections.LOOKS, sections.SEED)
    learned = bundle.manifest.origin.trained_on.get("turntable", ())
    return {fruit: {**row, "learned": fruit in learned} for fruit, row in found.items()}
