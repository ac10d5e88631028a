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
from training.data.fetching import Road, from_broker, is_road
from training.data.findings import Found, Measurements
from training.data.harvest import from_history
from training.data.ingest import ingest
from training.data.listing import Listing, read_listing
from training.data.manifest import manifest
from training.data.page import page


class Action(StrEnum):
    """What can be done with a dataset."""

    CHECK = "check"
    MANIFEST = "manifest"
    INGEST = "ingest"


def data(
    action: Annotated[Action, typer.Argument(help="What to do.", show_default=False)],
    given: Annotated[
        list[str],
        typer.Argument(
            metavar="SOURCE...",
            help="A folder with dataset.csv, or the photographs that sorter train knows. ingest: machines' history "
            "folders, or mqtt(s)://HOST/SITE/MACHINE.",
            show_default=False,
        ),
    ],
    out: Annotated[
        Path | None, typer.Option(metavar="DATASET", help="ingest: the dataset's folder, new or of an earlier ingest.")
    ] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE.html", help="check: with the pictures.")] = None,
    to_json: Annotated[Path | None, typer.Option("--json", metavar="FILE", help="For machines.")] = None,
    licence: Annotated[
        str, typer.Option(metavar="NAME", help="manifest, ingest: an SPDX name or an address.")
    ] = "unknown",
    username: Annotated[
        str | None, typer.Option(metavar="NAME", help="ingest: of the broker; a reviewer, or another who may ask.")
    ] = None,
    password_file: Annotated[Path | None, typer.Option(metavar="FILE", show_default=False)] = None,
    ca_file: Annotated[Path | None, typer.Option(metavar="FILE", help="The plant's CA.", show_default=False)] = None,
) -> int:
    """A dataset's faults, all at once; its manifest, every file with its hash; what people said of fruit, into it."""
    if action is Action.INGEST:
        roads = [Road(one, username, password_file, ca_file) if is_road(one) else Path(one) for one in given]
        return _ingest(roads, out, licence)
    if len(given) != 1:
        raise UsageFault(f"{action} looks at one dataset; {len(given)} folders were given")
    listing = read_listing(Path(given[0]))
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


def _ingest(sources: list[Road | Path], out: Path | None, licence: str) -> int:
    if out is None:
        raise UsageFault("ingest needs --out DATASET, the folder of the dataset that is made or goes on")
    found = (one for at in sources for one in (from_broker(at) if isinstance(at, Road) else from_history(at)))
    made = ingest(found, out, licence)
    said = f"{made.pictures} pictures of {made.fruit} fruit, {made.added} of them new" if made.fruit else "no fruit yet"
    left = [f"{made.split} left out, for people are split"] if made.split else []
    left += [f"{made.unsaid} that nobody has judged"] if made.unsaid else []
    print("; ".join([f"{out}: version {made.version}: {said}", *left]))
    return 0 if made.fruit else 1


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
