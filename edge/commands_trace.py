"""`sorter trace`: arguments in, exit status out; `edge.tracing` does it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

_SECTIONS = (
    *("verdict", "thresholds", "money", "gate", "bundle", "release", "profile", "run", "people", "pictures", "ledger"),
)
_MOST_TEXT = 100


def trace(
    track: Annotated[str, typer.Argument(metavar="TRACK", help="A fruit, as run_id.number.", show_default=False)],
    history: Annotated[
        Path, typer.Option("--history", metavar="FOLDER", help="Its machine's history, or a copy.", show_default=False)
    ],
    as_json: Annotated[bool, typer.Option("--json", help="As JSON on standard output.")] = False,
) -> int:
    """One fruit's whole chain: looks, scores, thresholds, money, gate, bundle and its making, profile, and who."""
    import json

    from edge.tracing import trace as told

    found = told(history, track)
    if as_json:
        print(json.dumps(found, indent=2))
        return 0
    from rich.console import Console

    console = Console()
    for part in _page(found):
        console.print(part)
    return 0


def _page(found: dict[str, Any]) -> list[RenderableType]:
    """Each part with a heading."""
    from rich.panel import Panel

    verdict = found["verdict"]
    head = f"{found['track_id']}: {verdict['label']} to {verdict['outlet']} ({verdict['reason']}), {found['utc']}"
    parts: list[RenderableType] = [Panel(head, expand=False), _looks(found)]
    return [*parts, *(_section(name, found[name]) for name in _SECTIONS)]


def _looks(found: dict[str, Any]) -> RenderableType:
    from rich.table import Table

    from edge.datapath import LABELS

    files = found["pictures"].get("files", [])
    pictures = {shot["frame"]: Path(shot["file"]).name for shot in files}
    table = Table("frame", "sharpness", "unknown", *LABELS, *(("picture",) if files else ()), title="looks", box=None)
    for look in found["looks"]:
        scores = [f"{score:.3f}" for score in look["scores"]]
        shot = (pictures.get(look["frame"], ""),) if files else ()
        table.add_row(
            str(look["frame"]), f"{look['sharpness']:g}", f"{look['unknown_score']:.3f}", *scores, *map(str, shot)
        )
    return table


def _section(name: str, content: object) -> RenderableType:
    from rich.table import Table

    table = Table(show_header=False, box=None, title=name, title_justify="left", title_style="bold")
    table.add_column()
    table.add_column(overflow="fold")
    for key, value in _lines(content) if content else ():
        table.add_row(key, value)
    if not content:
        table.add_row("", "nobody has said what it was" if name == "people" else "nothing")
    return table


def _lines(content: object, path: str = "") -> list[tuple[str, str]]:
    """A line each; a long text by its first line."""
    from rich.markup import escape

    if isinstance(content, dict):
        return [line for key, value in content.items() for line in _lines(value, f"{path}.{key}" if path else key)]
    if isinstance(content, list) and any(isinstance(value, dict) for value in content):
        return [line for n, value in enumerate(content, 1) for line in _lines(value, f"{path}{n}".strip())]
    text = str(content)
    first = text.splitlines()[0] if text else ""
    short = first if first == text and len(text) <= _MOST_TEXT else f"{first[:_MOST_TEXT]} ..."
    return [(escape(path), escape(short))]
