"""What an evaluation found, for people: tables on the terminal, report.json, and a page without anything to fetch."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from training.figures import DECIDED


def show(console: Console, figures: dict[str, Any]) -> None:
    """A line a source and grade, then each confusion."""
    table = Table("source", "true grade", "fruit", "passages", "right", "95 % by fruit", "precision", "F1")
    for name, found in sections(figures):
        table.add_row(name, "all", str(found["fruit"]), str(found["passages"]), *_right(found, "right"), "", "")
        for grade, row in found["grades"].items():
            tail = _fraction(row["precision"]), _fraction(row["f1"])
            table.add_row("", grade, str(row["fruit"]), str(row["passages"]), *_right(row, "recall"), *tail)
    console.print(table)
    for name, found in sections(figures):
        confusion = Table("true \\ decided", *DECIDED, title=name)
        for grade, row in found["confusion"].items():
            confusion.add_row(grade, *(str(row[label] or "") for label in DECIDED))
        console.print(confusion)


def sections(figures: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each summary with its name: sources over all looks and over one, all photographs, lab."""
    for source, found in figures["sources"].items():
        yield source, found
        yield f"{source}, one look", found["one_look"]
    if figures.get("photographs"):
        yield "all photographs", figures["photographs"]
    if figures.get("lab"):
        yield "lab, one look", figures["lab"]


def write(folder: Path, figures: dict[str, Any]) -> None:
    """report.json and report.html into `folder`, which is made where it is missing."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "report.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    (folder / "report.html").write_text(page(figures), encoding="utf-8")


def page(figures: dict[str, Any]) -> str:
    """One self-contained page: a confusion a section."""
    parts = [
        "<!doctype html><meta charset=utf-8><title>Evaluation</title>",
        "<style>body{font:15px system-ui;margin:2em;max-width:60em}td,th{padding:.3em .7em;text-align:right;"
        "border-bottom:1px solid #ddd}td:first-child{text-align:left}.hit{background:#d9f2d9}</style>",
        f"<h1>{html.escape(str(figures.get('bundle', 'bundle')))}</h1>",
    ]
    for name, found in sections(figures):
        right, interval = _right(found, "right")
        parts.append(f"<h2>{html.escape(name)}: {right} right</h2>")
        parts.append(
            f"<p>{found['fruit']} fruit, {found['passages']} passages; 95 % by fruit: {interval or 'unmeasured'}"
        )
        parts.append(_rows(found["confusion"]))
    return "\n".join(parts) + "\n"


def _rows(confusion: dict[str, dict[str, int]]) -> str:
    head = "".join(f"<th>{label}</th>" for label in DECIDED)
    body = ""
    for grade, row in confusion.items():
        cells = "".join(f"<td{' class=hit' if label == grade else ''}>{row[label] or ''}</td>" for label in DECIDED)
        body += f"<tr><td>{grade}</td>{cells}</tr>"
    return f"<table><tr><th>true \\ decided</th>{head}</tr>{body}</table>"


def _right(found: dict[str, Any], key: str) -> tuple[str, str]:
    interval = found["right_interval" if key == "right" else "recall_interval"]
    return _fraction(found[key]), "" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"


def _fraction(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
