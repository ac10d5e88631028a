"""One command at a time changes a folder of releases: each reads the versions that the last one wrote."""

import fcntl
import os
import select
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import UsageFault
from training.publish.repository import Repository

WAIT_S = 30.0
_AGAIN_S = 0.1


@contextmanager
def changing(open_releases: Callable[[], Repository], wait_s: float = WAIT_S) -> Iterator[Repository]:
    """The releases as they stand, held for this caller alone; given back when the process ends, however it does. Raises
    UsageFault where another has them for so long."""
    with _alone(open_releases().folder, wait_s):
        yield open_releases()


@contextmanager
def _alone(folder: Path, wait_s: float) -> Iterator[None]:
    handle = os.open(folder / ".lock", os.O_WRONLY | os.O_CREAT, 0o600)
    try:
        until = time.monotonic() + wait_s
        while not _held(handle):
            if time.monotonic() >= until:
                raise UsageFault(f"{folder}: another command has been changing it for {wait_s:.0f} s; try again")
            select.select([], [], [], _AGAIN_S)
        yield
    finally:
        os.close(handle)


def _held(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
