"""`sorter grade`: what the device sees in still images."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from edge.errors import UsageFault

if TYPE_CHECKING:
    from edge.stills import Graded


def grade(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Images, or folders of images.")],
    bundle: Annotated[str, typer.Option(help="A bundle's folder, or factory.", metavar="DIR")] = "factory",
    crops: Annotated[bool, typer.Option("--crops", help="One fruit an image, on any plain background.")] = False,
    scene: Annotated[bool, typer.Option("--scene", help="Top-down scenes with any number of fruit.")] = False,
    out: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="One JSON line an image.")] = None,
) -> int:
    """Grade still images as the machine would. A terminal gets a table; what is not a terminal, the JSON lines."""
    from edge.bundle import load_bundle, resolve
    from edge.capture.images import find_images
    from edge.grade.litert import LiteRTGrader
    from edge.stills import grade_files

    if crops == scene:
        raise UsageFault("give one of --crops (one fruit an image) and --scene (any number of fruit)")
    files = find_images(paths)
    chosen = load_bundle(resolve(bundle))
    graded = grade_files(files, LiteRTGrader(chosen), chosen.manifest.thresholds, scene=scene)
    results: list[Graded] = []
    with _sink(out) as lines:
        for result in _watched(graded, len(files)):
            results.append(result)
            if lines is not None:
                print(json.dumps(result.as_json()), file=lines)
    if sys.stdout.isatty():
        _table(results)
    for result in results:
        if result.error is not None:
            print(f"sorter: {result.file}: {result.error}", file=sys.stderr)
    return int(any(result.error is not None for result in results))


@contextmanager
def _sink(out: Path | None) -> Iterator[TextIO | None]:
    """Where the JSON lines go: the file that was named, else standard output unless a person looks at it."""
    if out is None:
        yield None if sys.stdout.isatty() else sys.stdout
        return
    try:
        lines = out.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageFault(f"{out}: cannot be written: {error.strerror}; name a file in a folder that exists") from None
    with lines:
        yield lines


def _watched(graded: Iterable[Graded], total: int) -> Iterator[Graded]:
    """The results as they come, with a progress bar where a person watches."""
    from rich.console import Console
    from rich.progress import track

    console = Console(stderr=True)
    yield from track(graded, "grading", total, console=console, transient=True, disable=not console.is_terminal)


def _table(results: Iterable[Graded]) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table("file", "label", "confidence", "unknown", "box (px)")
    for result in results:
        name = escape(str(result.file))
        if result.error is not None:
            table.add_row(name, "[red]unreadable[/red]", "", "", escape(result.error))
        elif not result.items:
            table.add_row(name, "[dim]no fruit[/dim]", "", "", "")
        for item in result.items:
            x, y, w, h = item.box_px
            table.add_row(name, item.label, f"{item.confidence:.2f}", f"{item.unknown_score:.2f}", f"{x},{y} {w}x{h}")
            name = ""
    Console().print(table)
