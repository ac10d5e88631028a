"""`sorter bench`: how fast it is here, beside its floor.

Benches register in the entry-point group `sorter.benches`: a function without arguments, or with `seconds`, that
returns its figures as `--json` writes them. Lists of rows become tables; `missed` lists the targets that were not met,
a line each; `curve` is for a plot and goes to the file alone.
"""

import json
from collections.abc import Callable, Mapping
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from edge.registered import registered

if TYPE_CHECKING:
    from rich.table import Table

GROUP = "sorter.benches"

_WIDEST = 6
"""Columns that fit a terminal of 80."""

_UNSHOWN = ("missed", "curve")
"""Said on standard error; for a plot, not for a table."""

Bench = Callable[..., dict[str, Any]]


def bench(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Which bench; an unknown name lists them.")],
    out: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="Write the figures here.")] = None,
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0, help="Of start: when its memory is read.", show_default=False)
    ] = None,
) -> int:
    """Measure this machine. Exit status 1 where a target is missed."""
    from edge.errors import UsageFault

    targets = registered(GROUP)
    if name not in targets:
        raise UsageFault(f"{name}: no such bench; have {', '.join(sorted(targets))}")
    if out is not None:
        _check_writable(out)
    module, _, function = targets[name].partition(":")
    measure: Bench = getattr(import_module(module), function)
    if seconds is not None and "seconds" not in signature(measure).parameters:
        raise UsageFault(f"{name}: takes no --seconds; leave it out")
    figures = measure() if seconds is None else measure(seconds=seconds)
    if out is not None:
        out.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    _show(name, figures)
    missed = figures.get("missed", [])
    for line in missed:
        typer.echo(f"sorter: {name}: {line}", err=True)
    return 1 if missed else 0


def _check_writable(out: Path) -> None:
    """Before minutes of measuring, not after. What stood in the file stays until there is something new."""
    from edge.errors import UsageFault

    try:
        out.open("a", encoding="utf-8").close()
    except OSError as error:
        raise UsageFault(f"{out}: cannot be written: {error.strerror}; name a file in a folder that exists") from None


def _show(name: str, figures: Mapping[str, Any]) -> None:
    from rich.console import Console

    console = Console()
    for key, value in figures.items():
        if key in _UNSHOWN:
            continue
        if isinstance(value, list) and value and isinstance(value[0], dict):
            console.print(_table(f"{name}: {key}", [_flat(row) for row in value]))
        else:
            console.print(f"{key}: {_text(value)}", highlight=False)


def _table(title: str, rows: list[dict[str, str]]) -> "Table":
    """A row a case; where there is more to say of each than a terminal is wide, a column a case."""
    from rich.table import Table

    table = Table(title=title)
    names = list(rows[0])
    if len(names) > _WIDEST:
        first, *others = names
        for heading in (first, *(row[first] for row in rows)):
            table.add_column(heading, justify="left" if heading == first else "right")
        for name in others:
            table.add_row(name, *(row[name] for row in rows))
        return table
    for name in names:
        table.add_column(name)
    for row in rows:
        table.add_row(*(row[name] for name in names))
    return table


def _flat(row: Mapping[str, Any]) -> dict[str, str]:
    """A case's figures as text; those within a figure get its name before their own."""
    flat: dict[str, str] = {}
    for key, value in row.items():
        if isinstance(value, Mapping):
            flat |= {f"{key}: {part}": _text(figure) for part, figure in value.items()}
        else:
            flat[key] = _text(value)
    return flat


def _text(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    if isinstance(value, list | tuple):
        return " to ".join(_text(part) for part in value)
    return "" if value is None else str(value)
