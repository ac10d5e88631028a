"""`sorter report`: arguments in, four files and a few lines out."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from edge.ledger.entries import Stamped


def report(
    history: Annotated[Path, typer.Option(metavar="FOLDER", help="A machine's history.", show_default=False)],
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the report goes.", show_default=False)],
    shift: Annotated[
        str | None,
        typer.Option(
            metavar="WHEN", help="today, yesterday or a date; /NAME or /06:00-14:00 of it.", show_default=False
        ),
    ] = None,
    lot: Annotated[
        str | None, typer.Option(metavar="NAME", help="As named at the feed, or --from and --to.", show_default=False)
    ] = None,
    bundle: Annotated[
        str | None, typer.Option(metavar="ID", help="name@digest, or its beginning.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="2026-03-31T06:00", show_default=False)
    ] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="TIME", help="Up to then.", show_default=False)] = None,
    standard: Annotated[
        list[str] | None, typer.Option(metavar="NAME|FILE", help="us-no-1, unece-1 or a TOML file; repeatable.")
    ] = None,
    zone: Annotated[str | None, typer.Option(metavar="ZONE", help="Europe/Rome; this computer's without.")] = None,
) -> None:
    """What a shift, a lot or a bundle did: throughput, purity, grade standard, money, people, as one page."""
    from datetime import UTC, datetime

    from edge.ledger.reading import read
    from plant.report.asking import Asked, place, preface
    from plant.report.files import write
    from plant.report.gathering import gather
    from plant.report.reporting import told
    from plant.report.standards import standard as standard_of

    where = place(zone)
    asked = Asked(shift, lot, bundle, since, until)
    asked.check()

    def entries() -> "Iterator[Stamped]":
        return read(history)

    known = preface(entries())
    standards = {name: standard_of(name) for name in standard or known.standards}
    selection = asked.selection(where, datetime.now(UTC), known.lots, known.shifts)
    made = told(gather(entries, selection, known.words), standards, datetime.now(UTC))
    files = write(out, made, where)
    for outlet, held in made["lots"].items():
        for one in held.values():
            print(f"{outlet}: {one['sentence']}")
    right = made["right"]
    if right["value"] is not None:
        print(f"sent where they belong: {100 * right['value']:.1f} % of {right['fruit']:,} audited fruit")
    print(f"{made['fruit']:,} fruit; the report is {files[0]}")
