"""What the watch for decay remembers over a restart: what is usual, and what was wagered so far. One file, whole."""

from __future__ import annotations

import io
import json
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from edge.durable import write_whole
from edge.entry import Figures
from edge.incidents_drift import ENTRIES
from edge.log import Log
from edge.watch.kernel import Kernel
from edge.watch.reference import MONITORS, Middle, Reference

if TYPE_CHECKING:
    from edge.watch.drift import Drift

FILE = "drift.npz"
FORMAT = 2
_MIDDLE = ("belt", "detail", "colours", "spreads")
_LEARNED = ("sums", "squares", "counts", "shades", "mapped")

_LOG = Log("watch")

Arrays = dict[str, NDArray[Any]]


def arrays_of(drift: Drift) -> Arrays | None:
    """Copies of all that is kept; None while there is nothing yet."""
    reference = drift.reference
    middle = reference.middle
    if middle is None:
        return None
    said = {"format": FORMAT, "bundle": reference.bundle, "size": reference.size, "fruit": reference.fruit}
    said |= {"alarm": drift.alarm, "figures": dict(drift.figures), "counted": drift.fruit}
    found = {name: getattr(middle, name).copy() for name in _MIDDLE}
    found |= {name: getattr(reference, name).copy() for name in _LEARNED}
    found |= {"wealth": drift.bets.wealth.copy(), "direction": drift.witness.direction.copy()}
    found["lately"] = np.array(drift.lately).reshape(-1, len(MONITORS))
    found |= {"usual": drift.moves.usual.copy(), "now": drift.moves.now.copy()}
    if middle.kernel is not None:
        found |= {"middle": middle.kernel.middle, "waves": middle.kernel.waves}
    return found | {"said": np.frombuffer(json.dumps(said).encode(), np.uint8)}


def write(folder: Path, arrays: Arrays) -> bool:
    """Whole or not at all. False where it cannot be written."""
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]  # it takes arrays by name; a keyword of its own is none of them
    try:
        write_whole(folder / FILE, file.getvalue())
    except OSError as error:
        _LOG.warning(
            f"{folder / FILE}: cannot be kept: {error.strerror}; what is usual is learned anew after a restart"
        )
        return False
    return True


def read_into(folder: Path, drift: Drift) -> None:
    """Go on where the last run ended. A file that is missing or broken leaves it to learn anew."""
    try:
        with np.load(io.BytesIO((folder / FILE).read_bytes()), allow_pickle=False) as stored:
            _restore({name: stored[name] for name in stored.files}, drift)
    except FileNotFoundError:
        return
    except (OSError, EOFError, KeyError, TypeError, ValueError, BadZipFile, zlib.error) as error:
        _LOG.warning(f"{folder / FILE}: {error}; what is usual is learned anew")


def _restore(found: Arrays, drift: Drift) -> None:
    """Raises KeyError, TypeError or ValueError, before anything is changed, for what was not written so."""
    said = json.loads(found["said"].tobytes())
    if said["format"] != FORMAT or found["wealth"].shape != drift.bets.wealth.shape:
        raise ValueError("of another version")
    kernel = Kernel(found["middle"], found["waves"]) if "waves" in found else None
    middle = Middle(**{name: found[name] for name in _MIDDLE}, kernel=kernel)
    reference = Reference(said["bundle"], said["size"], middle, said["fruit"])
    for name in _LEARNED:
        if found[name].shape != getattr(reference, name).shape:
            raise ValueError(f"{name} {found[name].shape}")
        setattr(reference, name, found[name])
    if found["usual"].shape != drift.moves.usual.shape or found["now"].shape != drift.moves.now.shape:
        raise ValueError("of another version")
    lately = found["lately"].reshape(-1, len(MONITORS))
    alarm, figures = _alarm(said["alarm"], said["figures"])
    drift.moves.usual, drift.moves.now = found["usual"], found["now"]
    drift.lately.extend(lately)
    drift.restore(reference, found["wealth"], found["direction"], said["counted"], alarm, figures)


def _alarm(code: str | None, figures: Figures) -> tuple[str | None, Figures]:
    """An alarm that the catalogue knows, with all the figures that its text names; else none, which is said."""
    if code is None:
        return None, {}
    for entry in ENTRIES:
        if entry.code == code:
            try:
                entry.say(figures)
            except (KeyError, TypeError, ValueError):
                break
            return code, figures
    _LOG.warning("drops an alarm that it does not know", file=FILE, alarm=code)
    return None, {}
