"""`sorter new`: a new machine project, and an old one brought up to date."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from edge.errors import UsageFault


def new(
    name: Annotated[
        Path | None, typer.Argument(metavar="NAME", help="The folder to make; its last part names the machine.")
    ] = None,
    crop: Annotated[
        str | None, typer.Option(help="A crop that ships, or a .toml file like theirs; by NAME if left out.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Merge what the template has become into the project NAME, or this one.")
    ] = False,
) -> int:
    """A new machine project: profile, crop, recipe, scenarios, tests, CI, docs and a checklist to the first fruit."""
    if update:
        if crop is not None:
            raise UsageFault("--crop and --update: the project has its crop; leave one of them out")
        return _update(name or Path())
    if name is None:
        raise UsageFault("which name? sorter new cherry-line, say")
    from template.making import make

    made = make(name, crop)
    print(f"{name}: a line for {made.says}; next: cd {name} && make test, then CHECKLIST.md")
    return 0


def _update(folder: Path) -> int:
    from template.updating import update

    found = update(folder)
    for file in found.conflicts:
        print(f"sorter: {folder / file}: both changed it: edit it, then git add and git commit", file=sys.stderr)
    changed = f"{len(found.changed)} files taken up: {', '.join(found.changed)}" if found.changed else "up to date"
    print(f"{folder.absolute().name}: {changed}")
    return int(bool(found.conflicts))
