"""The audit of a run: by which chance its fruit are drawn for inspection."""

from __future__ import annotations

import secrets
from pathlib import Path

from edge.audited.draw import Sampling, key_of_run
from edge.config import Profile
from edge.durable import SECRET, write_whole
from edge.inspection import Inspection
from edge.log import Log

WATCH = "watch"
"""Of the history: what is to be known again after a restart."""
KEY = "audit.key"
_BYTES = 32

_LOG = Log("audit")


class Audit:
    """One run's."""

    def __init__(self, profile: Profile, run_id: str, secret: bytes) -> None:
        self._wanted = Sampling(profile.audit.share, key_of_run(secret, run_id))
        self._held: Sampling | None = None

    def serve(self, inspection: Inspection) -> None:
        """Between two steps of the line, in its thread: the chance by which fruit are drawn from now on."""
        wanted = self._wanted
        if wanted != self._held:
            self._held = wanted
            inspection.offer(wanted)


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
