"""The details of a report as HTML tables: every figure with its interval and the fruit behind it."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from training.evaluation.sections import named
from training.evaluation.words import between, number, percent
from training.figures import DECIDED

_WAYS = {
    "machine": "the machine, as it ships",
    "argmax": "the likeliest label alone",
    "doubt_to_people": "labels, and doubt to people",
    "people": "people alone",
    "both": "the machine, and people at the belt's end",
}
_HOURS = ("per_hour", "per_tonne", "people")
_OF_GRADE = ("precision", "recall", "f1", "ap")


def details(report: Mapping[str, Any]) -> Iterator[str]:
    """Each part under its heading."""
    yield from _sections(report)
    yield from _damage(report)
    yield from _strangers(report)
    yield from _varieties(report)
    yield from _promise(report)
    yield from _money(report)
    yield from _rest(report)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """`rows` hold HTML."""
    top = "".join(f"<th>{name}" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}" for cell in row) for row in rows)
    return f"<div class=wide><table><tr>{top}{body}</table></div>"


def cell(found: Mapping[str, Any] | None) -> str:
    """A figure and its interval."""
    if found is None or found["value"] is None:
        return ""
    return f"{number(found['value'])}<small>{between(found['interval'])}</small>"


def _sections(report: Mapping[str, Any]) -> Iterator[str]:
    yield "<details open><summary>Grades, source by source</summary>"
    for name, found in named(report):
        yield f"<h3>{html.escape(name)}: {number(found['right']['value'])} right</h3>"
        rows = [
            [grade, *(str(found["confusion"][grade][word] or "") for word in DECIDED), str(row["fruit"])]
            + [cell(row[key]) for key in _OF_GRADE]
            for grade, row in found["grades"].items()
        ]
        yield table(["true \\ decided", *DECIDED, "fruit", "precision", "recall", "F1", "AP"], rows)
    yield "</details>"


def _damage(report: Mapping[str, Any]) -> Iterator[str]:
    if not report["damage"]:
        return
    yield "<details open><summary>Damage, one look</summary>"
    rows = [
        [html.escape(name), str(one["ap"]["fruit"]), f"{one['damaged_looks']} of {one['ap']['n']}"]
        + [cell(one[key]) for key in ("ap", "auroc", "recall")]
        for name, one in report["damage"].items()
    ]
    yield table(["source", "fruit", "looks that show it", "AP", "AUROC", "recall at precision 0.917"], rows)
    yield "</details>"


def _strangers(report: Mapping[str, Any]) -> Iterator[str]:
    yield "<details open><summary>Strangers and refused tomatoes, one look</summary>"
    rows = []
    for source, one in report["strangers"].items():
        rows.append(
            [html.escape(f"{source}: tomatoes refused"), str(one["refused"]["fruit"]), cell(one["refused"]), "", ""]
        )
        kinds = {"all strangers": one["all"], **one["kinds"]} if "all" in one else {}
        for kind, row in kinds.items():
            name = html.escape(f"{source}: {kind}") + (" (learned)" if row.get("learned") else "")
            rows.append([name, str(row["fruit"]), "", cell(row["auroc"]), cell(row["fpr95"])])
    yield table(["", "fruit", "refused", "AUROC", "pass where 95 % of tomatoes do"], rows)
    yield "</details>"


def _varieties(report: Mapping[str, Any]) -> Iterator[str]:
    found = report.get("varieties")
    if not found:
        return
    yield "<details open><summary>Varieties whose colour tells no ripeness</summary>"
    rows = [
        [
            html.escape(name) + (" (learned)" if row["learned"] else ""),
            *(_share(row["decided"].get(w)) for w in DECIDED),
        ]
        for name, row in found.items()
    ]
    yield table(["one fruit each; share of its passages", *DECIDED], rows)
    yield "</details>"


def _promise(report: Mapping[str, Any]) -> Iterator[str]:
    found = report.get("promise")
    if not found:
        return
    yield f"<details open><summary>The promise: at most {percent(found['promised'])} wrong where it decides</summary>"
    rows = [
        [html.escape(name), str(one["wrong"]["fruit"]), cell(one["wrong"]), cell(one["undecided"])]
        for name, one in found["sources"].items()
    ]
    yield table(["source", "fruit", "wrong", "undecided"], rows)
    yield "</details>"


def _money(report: Mapping[str, Any]) -> Iterator[str]:
    found = report.get("money")
    if not found:
        return
    currency = html.escape(found["currency"])
    yield f"<details open><summary>Money in {currency}: rendered fruit, by the profile's mix and prices</summary>"
    hours = found["ways"]
    rows = [
        [says, cell(found["fruit"].get(way)), *(f"{hours[way][key]:,.2f}" if way in hours else "" for key in _HOURS)]
        for way, says in _WAYS.items()
        if way in found["fruit"]
    ]
    yield table(["", "a fruit", "an hour", "a tonne", "people"], rows)
    yield "</details>"


def _rest(report: Mapping[str, Any]) -> Iterator[str]:
    yield "<details open><summary>Network, quantisation and thresholds</summary>"
    fusion = report["thresholds"].get("fusion") or {"at": []}
    by_looks = {f"damaged, {row['looks']} looks": row["damaged"] for row in fusion["at"]}
    parts = {**report["cost"], **report["quantisation"], **report["thresholds"], **by_looks}
    scalars = {name: value for name, value in parts.items() if isinstance(value, int | float | str)}
    yield table(["", ""], [[html.escape(name), _said(value)] for name, value in scalars.items()])
    yield "</details>"


def _said(value: object) -> str:
    return number(value) if isinstance(value, int | float) else html.escape(str(value))


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
