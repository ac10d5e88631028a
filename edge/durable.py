"""Files that are whole or not there, whenever the power goes: write, fsync, rename, fsync the folder; and keys that
nobody else reads."""

import os
from pathlib import Path

PUBLIC, SECRET = 0o644, 0o600


def write_whole(path: Path, data: bytes | str, mode: int = PUBLIC) -> None:
    """Afterwards the file holds `data`; a cut on the way leaves what was there before. Its folder is made if need be.
    With `mode` from the first byte on, so that a key is never readable for a moment."""
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
    sync(path.parent)


def sync(path: Path) -> None:
    """Flush a file or a folder that is there to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
