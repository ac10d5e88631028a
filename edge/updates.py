"""What the machine and its update process leave each other in a folder: where an update stands, and the wish to look.

The wish is an empty file. Whoever may leave it says when to look, and never what is found.
"""

import contextlib
from pathlib import Path
from typing import Literal

from edge.sealed import Sealed, seal, unseal

TOLD, ASKED, FIGURES = "told.json", "check-now", "figures.json"

UpdateState = Literal[
    "idle",
    "check",
    "download",
    "verify",
    "stage",
    "self-test",
    "activate",
    "probation",
    "commit",
    "rollback",
    "failed",
]


Wish = Literal["", "soon", "now"]
"""That the machine starts anew on another bundle: at the belt's next rest, or at once."""


class Told(Sealed):
    """Where an update stands. `active`: the bundle that was chosen to run, empty for the machine's own; `offered`: the
    one that is on its way; `progress`: the share of its bytes that is here; `why` and `text`: the last refusal. Of the
    channel's `word` that was believed last: the bundle `wanted` here, `by` which part of it, `refused` where that very
    one is not tried again, `waits` where it waits for something."""

    state: UpdateState = "idle"
    active: str = ""
    offered: str = ""
    progress: float = 0.0
    why: str = ""
    text: str = ""
    checked_utc: str = ""
    channel: str = ""
    word: int = 0
    wanted: str = ""
    by: Literal["", "channel", "rollout", "pin"] = ""
    refused: str = ""
    waits: Literal["", "window"] = ""


class Figures(Sealed):
    """What became of the fruit that a bundle graded on this machine: of so many, how many it was in doubt about, how
    many it did not know, and how many it found damaged."""

    bundle: str = ""
    fruit: int = 0
    doubtful: int = 0
    unknown: int = 0
    damaged: int = 0


def read_figures(folder: Path) -> Figures:
    """The last that were noted; none where there are none. Never raises."""
    try:
        return unseal((folder / FIGURES).read_bytes(), Figures) or Figures()
    except OSError:
        return Figures()


def write_figures(folder: Path, figures: Figures) -> None:
    """Not synced: half a minute of counting may be lost with the power. What cannot be written is not told."""
    unfinished = folder / f".{FIGURES}.unfinished"
    with contextlib.suppress(OSError):
        unfinished.write_bytes(seal(figures))
        unfinished.replace(folder / FIGURES)


def read_told(folder: Path) -> Told | None:
    """None where nothing was told yet. Never raises."""
    try:
        return unseal((folder / TOLD).read_bytes(), Told)
    except OSError:
        return None


def ask_check(folder: Path) -> bool:
    """Leave the wish. False where that cannot be written."""
    try:
        (folder / ASKED).touch()
    except OSError:
        return False
    return True
