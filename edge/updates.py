"""What the machine and its update process leave each other in a folder: where an update stands, and the wish to look.

The wish is an empty file. Whoever may leave it says when to look, and never what is found.
"""

from pathlib import Path
from typing import Literal

from edge.sealed import Sealed, unseal

TOLD, ASKED = "told.json", "check-now"

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


class Told(Sealed):
    """Where an update stands. `active`: the bundle that was chosen to run, empty for the machine's own; `offered`: the
    one that is on its way; `progress`: the share of its bytes that is here; `why` and `text`: the last refusal."""

    state: UpdateState = "idle"
    active: str = ""
    offered: str = ""
    progress: float = 0.0
    why: str = ""
    text: str = ""
    checked_utc: str = ""


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
