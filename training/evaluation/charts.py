"""Which picture shows which part of a report. A picture whose figures are missing is left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.evaluation.curve import LOOK_CURVE
from training.evaluation.plots import Drawing, Line, Row, bars, confusion, legend, lines, named_places, reliability
from training.gate import Criterion

Chart = tuple[str, str, str]
"""Heading, the sentence below it, the SVG."""


def charts(report: Mapping[str, Any], criteria: Mapping[str, Criterion]) -> Iterator[Chart]:
    """The pictures in the order of the page."""
    limits = {one.figure: one.at_least if one.at_least is not None else one.at_most for one in criteria.values()}
    yield _confusions(report)
    yield _false_alarms(report, limits.get("false_alarms.turntable.one_look.value"))
    if report["look_curve"]:
        yield _look_curve(report["look_curve"])
    yield from _robustness(report["robustness"])
    if any("kinds" in found for found in report["strangers"].values()):
        yield _strangers(report["strangers"], limits.get("strangers.turntable.all.auroc.value"))
    yield _calibration(report["calibration"])


def _confusions(report: Mapping[str, Any]) -> Chart:
    parts = {"rendered fruit, a passage": report["sources"].get("builtin")}
    parts |= {"photographs, a passage": report.get("photographs"), "another camera, one look": report.get("lab")}
    shown = {name: found for name, found in parts.items() if found}
    drawing = Drawing("confusion", "What each grade was decided as", columns=len(shown), height=3.0)
    for axes, (name, found) in zip(drawing.panels, shown.items(), strict=True):
        confusion(axes, found["confusion"], name)
    says = "A row a true grade, a column what was decided. Blue is right, orange is wrong; the numbers count passages."
    return "What becomes of each grade", says, drawing.svg()


def _false_alarms(report: Mapping[str, Any], limit: float | None) -> Chart:
    found = report["false_alarms"]
    drawing = Drawing("alarms", "Sound fruit called damaged, by source", columns=2, height=0.9 + 0.35 * len(found))
    for axes, key, title in zip(
        drawing.panels, ("one_look", "passage"), ("in one look", "over a whole passage"), strict=True
    ):
        rows = [_row(_with_fruit(name, row[key]), row[key]) for name, row in found.items() if row[key]]
        bars(axes, rows, title, limit, max(0.06, 1.25 * max([_end(row) for row in rows], default=0.0)))
    says = "The share of sound fruit called damaged, by source. The whiskers hold 95 % of redraws of fruit."
    return "Good fruit thrown away", says, drawing.svg()


def _look_curve(curve: Mapping[str, Any]) -> Chart:
    drawing = Drawing("looks", "Figures over the number of looks", columns=3)
    for axes, key, title in zip(
        drawing.panels,
        ("right", "damaged_found", "called_damaged"),
        ("graded right", "damaged fruit found", "sound fruit called damaged"),
        strict=True,
    ):
        parts = {
            name: [row for row in rows if row[key] and row[key]["value"] is not None] for name, rows in curve.items()
        }
        found = [
            _line(name, [row["looks"] for row in rows], [row[key] for row in rows]) for name, rows in parts.items()
        ]
        lines(axes, [line for line in found if line[1]], title, "looks")
        named_places(axes, LOOK_CURVE, [str(looks) for looks in LOOK_CURVE])
    legend(drawing.panels[0])
    says = "A rolling fruit shows another side in each look: what one look misses, twelve see."
    return "What more looks bring", says, drawing.svg()


def _robustness(curves: Mapping[str, Any]) -> Iterator[Chart]:
    drawing = Drawing("robustness", "Share right over what spoils the picture", columns=3, rows=3, height=2.5)
    for axes, curve in zip(drawing.panels, curves.values(), strict=False):
        points = curve["points"]
        is_named = isinstance(points[0]["strength"], str)
        places = list(range(len(points))) if is_named else [point["strength"] for point in points]
        if curve["says"] == "size":
            is_named, places = True, list(range(len(points)))
        found = [
            _line("right", places, [point["right"] for point in points]),
            _line("sound called damaged", places, [point["called_damaged"] for point in points]),
        ]
        lines(axes, found, curve["says"], curve["unit"])
        axes.set_ylim(-0.03, 1.03)
        if is_named:
            named_places(axes, places, [_short(point["strength"]) for point in points])
    for axes in drawing.panels[len(curves) :]:
        axes.set_axis_off()
    legend(drawing.panels[0])
    says = "One look at fruit on a sheet of paper, the picture spoilt by so much, found and graded like any photograph."
    yield "What light, lens and size do", says, drawing.svg()


def _strangers(found: Mapping[str, Any], limit: float | None) -> Chart:
    rows = []
    for source, one in found.items():
        for kind, row in one.get("kinds", {}).items():
            name = f"{source}: {kind}{' (learned)' if row['learned'] else ''}, {row['fruit']} fruit"
            rows.append(_row(name, row["auroc"]))
    rows.sort(key=lambda row: row[1])
    drawing = Drawing("strangers", "Strangers told from tomatoes, by kind", height=1.0 + 0.27 * len(rows))
    bars(drawing.panels[0], rows, "AUROC in one look (1: always told apart, 0.5: by chance)", limit, 1.12)
    says = "The chance that a stranger looks stranger than a sound tomato does. Learned: other fruit of the kind were."
    return "What is no tomato", says, drawing.svg()


def _calibration(found: Mapping[str, Any]) -> Chart:
    drawing = Drawing("calibration", "Share right over confidence", columns=2, height=3.0)
    reliability(drawing.panels[0], found, "reliability")
    legend(drawing.panels[0])
    rows = [_row(name, one["ece"]) for name, one in found.items()]
    bars(drawing.panels[1], rows, "expected calibration error", None, max(0.1, 1.3 * max(_end(row) for row in rows)))
    says = (
        "On the dotted line a confidence of 0.9 is right nine times in ten; below it the bundle is too sure of itself."
    )
    return "Whether its confidence can be believed", says, drawing.svg()


def _row(name: str, found: Mapping[str, Any]) -> Row:
    return name, found["value"] or 0.0, found["interval"]


def _end(row: Row) -> float:
    return max(row[1], row[2][1] if row[2] else 0.0)


def _line(name: str, x: Sequence[float], found: Sequence[Mapping[str, Any]]) -> Line:
    return name, x, [one["value"] for one in found], [one["interval"] for one in found]


def _with_fruit(name: str, found: Mapping[str, Any]) -> str:
    return f"{name} ({found['fruit']} fruit)"


def _short(strength: float | str) -> str:
    return strength if isinstance(strength, str) else f"{strength:g}"
