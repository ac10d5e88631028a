"""A few figures of one bundle on fruit that were left out of it, as a row of a table: how bundles compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from edge.bundle import Bundle
from edge.grade.fusion import Judge
from edge.grade.litert import LiteRTGrader
from training.dataset import Picture
from training.evaluation.damage import PRECISION, damage, false_alarms
from training.evaluation.looks import grade_all
from training.evaluation.ripeness import ripeness
from training.evaluation.sections import SEED
from training.evaluation.shown import lab_figures
from training.evaluation.strangeness import strangeness

Figures: TypeAlias = dict[str, Any]

_COLUMNS = (
    "run",
    "lab wrong",
    "lab called damaged",
    "damage AP",
    f"recall at precision {PRECISION}",
    "false alarms",
    "unknown, same rig",
    "unknown, shop",
    "built-in ripeness, balanced",
    "s",
)


def figures_of(bundle: Bundle, pictures: Sequence[Picture], folder: Path) -> Figures:
    """Single looks at `pictures`, none of which the bundle has learned from, and the `lab` of `folder`: `lab` (`wrong`
    and `called_damaged` of so many), `damage` of ageing fruit, `false_alarms` by source, `unknown` by source and
    kind, `builtin` (the balanced ripeness of rendered fruit). Figures are those of `training.evaluation.statistics`."""
    judge = Judge.of(bundle.manifest.thresholds)
    graded = grade_all(LiteRTGrader(bundle), pictures, SEED, lambda: None)
    lab = lab_figures(bundle, folder)
    alarms = {source: row["one_look"] for source, row in false_alarms(graded, [], judge).items()}
    return {
        "bundle": bundle.identity,
        "lab": {"wrong": lab["wrong"], "called_damaged": lab["called_damaged"], "of": lab["passages"]},
        "damage": damage(graded).get("ageing"),
        "false_alarms": alarms,
        "unknown": {
            source: row for source, row in strangeness(graded, judge, {}).items() if source in {"turntable", "shop"}
        },
        "builtin": ripeness(graded, [], judge)["rendered"],
    }


def table(rows: Mapping[str, Figures]) -> str:
    """Markdown: a row a bundle. Behind each figure is the number of physical fruit; intervals are in the JSON."""
    lines = [_line(_COLUMNS), _line(["---"] * len(_COLUMNS))]
    return "".join([*lines, *(_line(_row(name, row)) for name, row in rows.items())])


def _row(name: str, row: Figures) -> list[str]:
    lab, damaged = row["lab"], row["damage"] or {}
    alarms = (f"{source} {_told(figure)}" for source, figure in row["false_alarms"].items())
    return [
        name,
        f"{lab['wrong']} of {lab['of']}",
        str(lab["called_damaged"]),
        _told(damaged.get("ap")),
        _told(damaged.get("recall")),
        ", ".join(alarms),
        *(_unknown(row["unknown"].get(source, {})) for source in ("turntable", "shop")),
        _told(row["builtin"]),
        f"{row['took_s']:.0f}",
    ]


def _unknown(row: Figures) -> str:
    if "all" not in row:
        return "-"
    kinds = (f"{kind} {_told(found['auroc'])}" for kind, found in row["kinds"].items())
    return ", ".join([f"all {_told(row['all']['auroc'])}", *kinds])


def _told(figure: Mapping[str, Any] | None) -> str:
    if not figure or figure["value"] is None:
        return "-"
    return f"{figure['value']:.3f} ({figure['fruit']})"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |\n"
