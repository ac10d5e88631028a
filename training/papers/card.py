"""A bundle's model card: what it is for, what it learned, how good it is, and what it must not be trusted with.

The headings follow Mitchell et al., "Model Cards for Model Reporting" (2019).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from edge.bundle import Manifest
from training.papers.environment import Environment

NAME = "MODEL_CARD.md"


def card(manifest: Manifest, report: Mapping[str, Any], found: Environment) -> str:
    """Markdown. `report` is the training's own, on held-out fruit (see `training.evaluation.sections`)."""
    return "\n".join(
        [
            f"# {manifest.name}",
            "",
            f"Grades one {_fruit(manifest)} a picture on a sorting line: green, turning, red or damaged, or unknown.",
            "",
            *_about(manifest),
            *_use(manifest),
            *_data(manifest),
            *_figures(report),
            *_made(manifest, found),
            "",
        ]
    )


def _about(manifest: Manifest) -> Iterator[str]:
    spec = manifest.preprocessing
    yield "## Model"
    yield f"- int8 TensorFlow Lite; takes one fruit, uint8 RGB {spec.size_px} x {spec.size_px}, background grey"
    yield f"- gives logits for three ripenesses, damage, and {_fruit(manifest)} or not, and a vector of features"
    thresholds = manifest.thresholds
    alone = thresholds.model_dump(exclude={"fusion"} if thresholds.fusion is None else {"fusion", "damaged"})
    yield f"- thresholds, chosen on validation fruit: {_said(alone)}"
    if thresholds.fusion is not None:
        levels = ", ".join(f"{row.damaged} at {row.looks}" for row in thresholds.fusion.at)
        yield f"- damaged from a chance, by looks: {levels}"
        yield f"- promised, {thresholds.fusion.promise:.0%}, on physical fruit: {_said(thresholds.fusion.promised)}"
    started = manifest.licences[len(manifest.origin.trained_on) :]
    yield f"- weights: Apache-2.0{''.join(f'; they started from {licence}' for licence in started)}"
    yield ""


def _fruit(manifest: Manifest) -> str:
    """What it grades: the crop whose painted fruit it learned from, else tomatoes."""
    painted = {name.partition("/")[0] for name in manifest.origin.trained_on.get("builtin", ())}
    return next(iter(sorted(painted - {"builtin"})), "tomato")


def _use(manifest: Manifest) -> Iterator[str]:
    yield "## Use"
    yield f"- For one {_fruit(manifest)} after another, cut out by the same software's own detector."
    yield "- Not for food safety: rot inside a fruit, residues and pathogens do not show in a picture."
    yield "- A variety that it did not learn may be called by the nearest ripeness: read the unknown rate, and audit."
    yield "- Damage that never faces the camera is never seen, whatever the figures below say."
    yield ""


def _data(manifest: Manifest) -> Iterator[str]:
    yield "## Learned from"
    yield "| source | physical fruit | licence |"
    yield "|---|---|---|"
    for (source, fruit), licence in zip(manifest.origin.trained_on.items(), manifest.licences, strict=False):
        yield f"| {source} | {len(fruit)} | {licence} |"
    yield ""
    yield "Split by physical fruit: no fruit is on both sides. `bundle.json` names each."
    yield ""


def _figures(report: Mapping[str, Any]) -> Iterator[str]:
    yield "## On fruit that it has never seen"
    yield "| source | grade | fruit | recall | 95 % by fruit | precision |"
    yield "|---|---|---|---|---|---|"
    for source, figures in report.get("sources", {}).items():
        for grade, row in figures["grades"].items():
            recall, interval, precision = row["recall"]["value"], row["recall"]["interval"], row["precision"]["value"]
            told = "fewer than 5 fruit" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"
            said = "" if precision is None else f"{precision:.3f}"
            yield f"| {source} | {grade} | {row['fruit']} | {recall:.3f} | {told} | {said} |"
    yield ""
    yield "Built-in fruit are rendered: their figures flatter. `sorter evaluate` gives the whole report."
    yield ""


def _made(manifest: Manifest, found: Environment) -> Iterator[str]:
    origin = manifest.origin
    yield "## Made"
    yield f"- recipe {origin.recipe}, seed {origin.seed}, code {origin.code_commit}, {origin.created_utc}"
    yield f"- data sha256 {origin.dataset_sha256}"
    yield f"- lock sha256 {found.lock_sha256 or 'none: installed without one'}"
    yield f"- {', '.join(f'{package.name} {package.version}' for package in found.packages)}"


def _said(thresholds: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in thresholds.items())
