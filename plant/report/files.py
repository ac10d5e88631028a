"""The report as files: report.html for people, report.json for machines, report.csv and timeline.csv for sheets."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from datetime import tzinfo
from pathlib import Path
from typing import Any

from edge.errors import UsageFault
from plant.report.sections import page

_LEFT_OUT = ("timeline", "incidents", "drift", "changes")
"""Lists of things that happened: in the JSON, not among the figures."""


def write(folder: Path, report: Mapping[str, Any], zone: tzinfo) -> list[Path]:
    """The four files into `folder`, which is made where it is missing. Raises UsageFault."""
    made = {
        "report.html": page(report, zone),
        "report.json": json.dumps(report, indent=1, allow_nan=False) + "\n",
        "report.csv": _sheet(("figure", "value", "low", "high", "fruit"), figures(report)),
        "timeline.csv": _timeline(report),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in made.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageFault(f"{folder}: {error.strerror}; give a folder that can be written to --out") from None
    return [folder / name for name in made]


def figures(report: Mapping[str, Any], under: str = "") -> Iterator[tuple[object, ...]]:
    """A row a figure, named as in the JSON with keys joined by dots; interval and fruit where it has them."""
    for key, value in report.items():
        name = f"{under}.{key}" if under else key
        if name in _LEFT_OUT:
            continue
        if isinstance(value, Mapping) and "value" in value and "interval" in value:
            low, high = value["interval"] or ("", "")
            yield name, "" if value["value"] is None else value["value"], low, high, value.get("fruit", "")
        elif isinstance(value, Mapping):
            yield from figures(value, name)
        elif isinstance(value, str | int | float):
            yield name, value, "", "", ""


def _timeline(report: Mapping[str, Any]) -> str:
    outlets = list(report["outlets"])
    rows = (
        (row["utc"], row["minutes"], *(row["outlets"].get(name, 0) for name in outlets)) for row in report["timeline"]
    )
    return _sheet(("utc", "minutes", *outlets), rows)


def _sheet(head: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    held = io.StringIO()
    writer = csv.writer(held, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return held.getvalue()
