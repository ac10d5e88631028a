"""Files that are whole or not there, and keys that nobody else reads."""

import os
from pathlib import Path

PUBLIC, SECRET = 0o644, 0o600


def write_whole(path: Path, data: str | bytes, mode: int = PUBLIC) -> None:
    """Write, fsync, rename, fsync the folder: a power cut leaves the old file or the new one. With `mode` from the
    first byte on, so that a key is never readable for a moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.unlink(missing_ok=True)
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with open(handle, "wb") as file:  # noqa: PTH123  # a descriptor: no path has this mode from the start
        os.fchmod(handle, mode)
        file.write(data.encode() if isinstance(data, str) else data)
        file.flush()
        os.fsync(handle)
    unfinished.replace(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """What was renamed into a folder stays there after a power cut."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
