"""What the machine and its update process leave each other in a folder: where an update stands, and the wish to look.

The wish is an empty file. Whoever may leave it says when to look, and never what is found.
"""

import contextlib
from pathlib import Path
from typing import Literal

from edge.sealed import Sealed, read_sealed, seal

TOLD, ASKED, FIGURES, COMPARED = "told.json", "check-now", "figures.json", "compared.json"

UpdateState = Literal[
    "idle",
    "check",
    "download",
    "verify",
    "stage",
    "self-test",
    "shadow",
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
    one that is on its way; `progress`: the share of its bytes that is here, or of the fruit of its shadow or probation;
    `why` and `text`: the last refusal. Of the channel's `word` that was believed last: the bundle `wanted` here, `by`
    which part of it, `refused` where that very one is not tried again, `waits` where it waits for something."""

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
    waits: Literal["", "window", "profile"] = ""


class Figures(Sealed):
    """What became of the fruit that a bundle graded on this machine: of so many, how many it was in doubt about, did
    not know, found damaged, and called by more than one ripeness from look to look. `late` were graded too late for
    their gate, or not at all for want of time, and are none of the `fruit`. Of the `audited`, whose grade a person
    gave, `wrong` were called otherwise."""

    bundle: str = ""
    fruit: int = 0
    doubtful: int = 0
    unknown: int = 0
    damaged: int = 0
    torn: int = 0
    late: int = 0
    audited: int = 0
    wrong: int = 0


class Compared(Sealed):
    """Fruit that two bundles graded: `bundle` in the shadow, `beside` the one that moved gates. Of so many, `differ`
    would have gone elsewhere. `why`: what keeps `bundle` from grading here at all."""

    bundle: str = ""
    beside: str = ""
    fruit: int = 0
    differ: int = 0
    why: str = ""


def read_figures(folder: Path) -> Figures:
    """The last that were noted; none where there are none. Never raises."""
    return read_sealed(folder / FIGURES, Figures) or Figures()


def read_compared(folder: Path) -> Compared:
    """The last that were noted; none where there are none. Never raises."""
    return read_sealed(folder / COMPARED, Compared) or Compared()


def write_figures(folder: Path, figures: Figures) -> None:
    """Not synced: half a minute of counting may be lost with the power. What cannot be written is not told."""
    _write(folder / FIGURES, figures)


def write_compared(folder: Path, compared: Compared) -> None:
    """As `write_figures`."""
    _write(folder / COMPARED, compared)


def read_told(folder: Path) -> Told | None:
    """None where nothing was told yet. Never raises."""
    return read_sealed(folder / TOLD, Told)


def ask_check(folder: Path) -> bool:
    """Leave the wish. False where that cannot be written."""
    try:
        (folder / ASKED).touch()
    except OSError:
        return False
    return True


def _write(path: Path, record: Sealed) -> None:
    unfinished = path.with_name(f".{path.name}.unfinished")
    with contextlib.suppress(OSError):
        unfinished.write_bytes(seal(record))
        unfinished.replace(path)
