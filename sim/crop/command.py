"""`sorter paint`: a crop's file to pictures of its fruit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


def paint(
    crop: Annotated[Path, typer.Argument(metavar="CROP.toml", help="What the crop is; sorter new writes one.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder that becomes its fruit.")],
    fruit: Annotated[
        int | None, typer.Option(min=1, max=1000, help="So many of each grade and part, not the crop's own counts.")
    ] = None,
) -> None:
    """Paint the fruit of a crop, for `sorter sim --fruit-images DIR`, `sorter train --data DIR` and `evaluate`."""
    from sim.crop import painting
    from sim.crop.definition import load_crop
    from sim.crop.growing import PARTS

    wanted = load_crop(crop)
    columns = TextColumn("painting"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("", total=len(painting.plan(wanted, fruit)))
        painted = painting.paint(wanted, out, fruit, lambda: bar.advance(task))
    print(f"{out}: {painted:,} {wanted.name} fruit in {', '.join(PARTS)}")
