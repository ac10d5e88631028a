"""What an evaluation found, on the terminal: the release criteria, then a line a source and grade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from training.evaluation.sections import named
from training.evaluation.words import number, spread
from training.gate import Judged

_STYLE = {"met": "green", "missed": "bold red", "unmeasured": "yellow"}


def show_sections(console: Console, report: Mapping[str, Any]) -> None:
    """Sources and grades."""
    table = Table("source", "true grade", "fruit", "right (95 % by fruit)", "precision", "F1", "AP")
    for name, found in named(report):
        table.add_row(name, "all", str(found["fruit"]), spread(found["right"]))
        for grade, row in found["grades"].items():
            tail = [number(row[key]["value"]) for key in ("precision", "f1", "ap")]
            table.add_row("", grade, str(row["fruit"]), spread(row["recall"]), *tail)
    console.print(table)


def show_gate(console: Console, judged: Sequence[Judged]) -> None:
    """Each criterion: found, limit, state."""
    table = Table("release criterion", "found", "limit", "")
    for one in judged:
        state = f"[{_STYLE[one.state]}]{one.state}[/]"
        table.add_row(one.name, number(one.found), one.limit, state)
    console.print(table)


def show_against(console: Console, found: Mapping[str, Any]) -> None:
    """Each grade by both bundles."""
    table = Table("true grade", "fruit", found["new"], found["old"], "chance of so few")
    for name, row in (("all", found), *found["grades"].items()):
        table.add_row(
            name, str(row["fruit"]), str(row["right"]["new"]), str(row["right"]["old"]), f"{row['chance']:.3g}"
        )
    console.print(table)
