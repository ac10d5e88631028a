"""What the audit must know after a restart, on disk: the machine's secret of the draw, and the roll of drawn fruit."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from edge.audited.roll import Roll
from edge.durable import SECRET, write_whole
from edge.log import Log

WATCH = "watch"
"""Of the history: what is to be known again after a restart."""
KEY, ROLL = "audit.key", "audit.json"
_BYTES = 32

_LOG = Log("audit")


def secret_of(history: Path | None) -> bytes:
    """The machine's own secret of the draw, made where there is none yet. Without a history, or where that cannot be
    written, it is one that ends with the run."""
    made = secrets.token_bytes(_BYTES)
    if history is None:
        return made
    path = history / WATCH / KEY
    try:
        if path.exists() and len(held := path.read_bytes()) >= _BYTES:
            return held
        write_whole(path, made, SECRET)
    except OSError as error:
        _LOG.warning("cannot keep its secret", folder=path.parent, why=error.strerror or error)
    return made


def read_roll(history: Path | None) -> tuple[Roll, float | None]:
    """The roll and the share as they were left; an empty one where there is none, or it is not whole. Never raises."""
    if history is None:
        return Roll(), None
    path = history / WATCH / ROLL
    try:
        held = json.loads(path.read_bytes())
        return Roll.of(held["roll"]), float(held["share"])
    except FileNotFoundError:
        pass
    except (OSError, KeyError, TypeError, ValueError) as error:
        _LOG.warning("begins anew: what it had noted cannot be read", file=path, why=error)
    return Roll(), None


def write_roll(history: Path | None, roll: Roll, share: float) -> bool:
    """Whole or not at all. False where it cannot be written."""
    if history is None:
        return True
    try:
        write_whole(history / WATCH / ROLL, json.dumps({"roll": roll.plain(), "share": share}, separators=(",", ":")))
    except OSError as error:
        _LOG.warning("cannot note what was drawn", folder=history / WATCH, why=error.strerror or error)
        return False
    return True
