"""`sorter data`: arguments in, exit status out."""

from __future__ import annotations

import json
import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from edge.errors import UsageFault
from training.data.checking import check, summary
from training.data.findings import Found, Measurements
from training.data.listing import Listing, read_listing
from training.data.manifest import manifest
from training.data.page import page


class Action(StrEnum):
    """What can be done with a dataset."""

    CHECK = "check"
    MANIFEST = "manifest"


def data(
    action: Annotated[Action, typer.Argument(help="What to do.", show_default=False)],
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="A folder with dataset.csv, or the photographs that sorter train knows.",
            show_default=False,
        ),
    ],
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE.html", help="check: with the pictures.")] = None,
    to_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="For machines.")] = None,
    licence: Annotated[str, typer.Option(metavar="NAME", help="manifest: an SPDX name or an address.")] = "unknown",
) -> int:
    """A dataset's faults, all at once; or its manifest, every file with its hash."""
    listing = read_listing(folder)
    if action is Action.MANIFEST:
        return _manifest(listing, to_json, licence)
    found, of = _checked(listing)
    told = summary(found, of)
    if to_json:
        _write(to_json, json.dumps(told, indent=1) + "\n")
    if html:
        _write(html, page(found, of, told))
    _show(found, told["pictures"], told["fruit"])
    return 1 if found else 0


def _checked(listing: Listing) -> tuple[list[Found], Measurements]:
    bar = Progress("pictures", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), transient=True)
    bar.disable = not sys.stderr.isatty()
    with bar:
        task = bar.add_task("", total=len(listing.rows))
        return check(listing, lambda: bar.advance(task))


def _show(found: list[Found], pictures: int, fruit: int) -> None:
    console = Console(soft_wrap=True, highlight=False)
    for one in found:
        console.print(f"[bold]{one.code}[/]: ", end="")
        console.print(f"{one.says}: {one.remedy}", markup=False)
    said = f"{len(found)} findings" if found else "nothing found"
    console.print(f"{pictures} pictures of {fruit} physical fruit: {said}")


def _manifest(listing: Listing, to_json: Path | None, licence: str) -> int:
    today = datetime.now(UTC).date().isoformat()
    try:
        made = manifest(listing, listing.folder.resolve().name, licence, today)
    except OSError as error:
        raise UsageFault(f"{error.filename}: {error.strerror}; take its line out, or run sorter data check") from None
    text = json.dumps(made, indent=1) + "\n"
    if to_json is None:
        sys.stdout.write(text)
    else:
        _write(to_json, text)
    return 0


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageFault(f"{path}: {error.strerror}; name a file that can be written") from None
