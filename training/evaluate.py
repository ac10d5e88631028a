"""The int8 bundle on fruit that it has never seen, through the device's own preprocessing, runtime and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from edge.bundle import Bundle, Thresholds
from edge.detect.still import one_fruit
from edge.grade.litert import LiteRTGrader
from training import photographs
from training.dataset import Picture
from training.figures import Decision, decide_all, decided_as, summary
from training.passages import Passage, play
from training.sources import held_out

LOOKS = 12
TIMES = 3
VIEWS = 120
_SEED = 20


def evaluate(bundle: Bundle, folder: Path | None, say: Callable[[str], None]) -> dict[str, Any]:
    """The report: `sources` (each with passages of 12 looks and of 1), `photographs` (all of them together), `lab`
    (another camera's stills, one look), `bundle`, `thresholds`. `say` is told each step."""
    manifest = bundle.manifest
    grader = LiteRTGrader(bundle)
    say("reading fruit that the bundle has never seen")
    pictures = held_out(folder, manifest.origin.trained_on, VIEWS)
    report: dict[str, Any] = {
        "bundle": bundle.identity,
        "thresholds": manifest.thresholds.model_dump(),
        "looks": LOOKS,
        **held_figures(grader, pictures, manifest.thresholds, say),
    }
    if folder is not None:
        say("grading lab")
        report["lab"] = stills(grader, photographs.validation_only(folder), manifest.thresholds)
    return report


def held_figures(
    grader: LiteRTGrader, pictures: Sequence[Picture], thresholds: Thresholds, say: Callable[[str], None]
) -> dict[str, Any]:
    """`sources`: source to figures of many looks and `one_look`; `photographs`: all but the built-in fruit."""
    sources: dict[str, Any] = {}
    photographed: list[Passage] = []
    for source in sorted({picture.source for picture in pictures}):
        own = [picture for picture in pictures if picture.source == source]
        say(f"grading {source}: {len({picture.fruit for picture in own})} fruit")
        passages = list(play(grader, own, LOOKS, TIMES, _SEED))
        single = list(play(grader, own, 1, TIMES, _SEED))
        sources[source] = {
            **summary(decide_all(passages, thresholds)),
            "damage_never_shown": sum(passage.showed is False for passage in passages),
            "one_look": summary(decide_all(single, thresholds)),
        }
        if source != "builtin":
            photographed += passages
    if photographed:
        sources_together = summary(decide_all(photographed, thresholds))
        return {"sources": sources, "photographs": sources_together}
    return {"sources": sources}


def stills(grader: LiteRTGrader, pairs: Sequence[tuple[Path, str]], thresholds: Thresholds) -> dict[str, Any] | None:
    """One look at each picture, each a fruit of its own; None without pictures."""
    decisions = []
    for path, grade in pairs:
        [(grades, _)] = grader.grade([one_fruit(photographs.read(path))])
        passage = Passage("lab", path.name, grade, grades)
        decisions.append(Decision(str(path), grade, decided_as(passage, thresholds)))
    return summary(decisions) if decisions else None


def agreement(float_scores: Sequence[Sequence[float]], int8_scores: Sequence[Sequence[float]]) -> float:
    """The share of looks whose likeliest label is the same before and after quantisation."""
    return float(np.mean([np.argmax(a) == np.argmax(b) for a, b in zip(float_scores, int8_scores, strict=True)]))


def metrics_of(report: dict[str, Any]) -> dict[str, float | int | str | None]:
    """What of the report goes into the manifest: the share right and the number of fruit behind it, by source."""
    metrics: dict[str, float | int | str | None] = {}
    for source, found in (*report["sources"].items(), ("photographs", report.get("photographs"))):
        if found:
            metrics[f"{source}_right"] = round(found["right"], 4)
            metrics[f"{source}_fruit"] = found["fruit"]
    return metrics
