"""`sorter audit`: arguments in, exit status out; `edge.ledger.verifying` does it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class What(StrEnum):
    """What is to be done."""

    VERIFY = "verify"


def audit(
    what: Annotated[What, typer.Argument(metavar="verify", help="Check a machine's ledger.", show_default=False)],
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Its history folder, or a copy of it.", show_default=False)
    ],
    key: Annotated[
        str | None, typer.Option(metavar="HEX", help="The machine's public key, as it was noted elsewhere.")
    ] = None,
    head: Annotated[
        str | None, typer.Option(metavar="NUMBER:HASH", help="A block that an earlier check named: it must stand.")
    ] = None,
) -> int:
    """Check that a ledger is whole and as its machine signed it: one line for the first fault, and where it is."""
    import sys

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from edge.clock import now_ns
    from edge.ledger.verifying import verify

    began_ns = now_ns()
    columns = TextColumn("checking"), BarColumn(), TextColumn("{task.percentage:.0f} %"), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=None)
        found = verify(folder, key, head, lambda done, of: bar.update(task, completed=done, total=of))
    print(f"whole    {found.entries} entries in {found.blocks} blocks, {found.bytes / 1e6:.1f} MB: none was changed")
    print(f"from     {_utc(found.from_ms)}, block {found.first}")
    print(f"to       {_utc(found.to_ms)}, block {found.last}; {found.unsigned} entries since it was last signed")
    print(f"signed   {found.checkpoints} times by {found.key}{'' if key else ' (--key holds it to a noted one)'}")
    print(f"head     {found.last}:{found.hash}")
    for note in found.notes:
        print(f"note     {note}")
    print(f"in {(now_ns() - began_ns) / 1e9:.1f} s")
    return 0


def _utc(ms: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
