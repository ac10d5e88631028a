"""Every way in which the update touches the disk, one method each, so that a test can stop or forget after any of them.

What is to outlive the power is written, synced, renamed, and its folder synced; nothing here does two of these at once.
"""

import os
import shutil
from pathlib import Path


class Disk:
    """The file system. Raises OSError, as the system does."""

    def read(self, path: Path) -> bytes | None:
        """A file's content; None where there is none."""
        try:
            return path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def make_folder(self, path: Path) -> None:
        """A folder whose parent is there; nothing where it is there itself."""
        path.mkdir(exist_ok=True)

    def write(self, path: Path, data: bytes) -> None:
        """A whole file, not synced."""
        path.write_bytes(data)

    def append(self, path: Path, data: bytes) -> None:
        """At a file's end, not synced."""
        with path.open("ab") as file:
            file.write(data)

    def truncate(self, path: Path, length: int) -> None:
        os.truncate(path, length)

    def sync(self, path: Path) -> None:
        """Flush a file's content, or a folder's entries."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def rename(self, source: Path, target: Path) -> None:
        """A file takes the place of another; a folder a place that is free."""
        source.replace(target)

    def remove(self, path: Path) -> None:
        """A file, or nothing where there is none."""
        path.unlink(missing_ok=True)

    def remove_folder(self, path: Path) -> None:
        """A folder with all that is in it, file by file; nothing where there is none."""
        for name in self.names(path):
            inner = path / name
            if inner.is_dir() and not inner.is_symlink():
                self.remove_folder(inner)
            else:
                self.remove(inner)
        if path.is_dir():
            self.remove_empty(path)

    def remove_empty(self, path: Path) -> None:
        path.rmdir()

    def names(self, path: Path) -> list[str]:
        """What a folder holds, in order; nothing where there is none."""
        return sorted(inner.name for inner in path.iterdir()) if path.is_dir() else []

    def room(self, path: Path) -> int:
        """Bytes that are free where a folder is."""
        return shutil.disk_usage(path).free

    def replace(self, path: Path, data: bytes) -> None:
        """A file whole, for good: a cut on the way leaves the old one. Its folder is there."""
        unfinished = path.with_name(f".{path.name}.unfinished")
        self.write(unfinished, data)
        self.sync(unfinished)
        self.rename(unfinished, path)
        self.sync(path.parent)
