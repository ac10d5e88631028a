"""Folders as the archive that a kernel unpacks into its memory at the start (cpio, `newc`)."""

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO


class Archive:
    """Written front to back; `close` ends it. Another one may follow in the same file."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._count = 0

    def add(self, name: str, mode: int, data: bytes = b"", device: tuple[int, int] = (0, 0)) -> None:
        self._count += 1
        numbers = (self._count, mode, 0, 0, 1, 0, len(data), 0, 0, *device, len(name) + 1, 0)
        head = b"070701" + b"".join(b"%08X" % number for number in numbers) + name.encode() + b"\0"
        self._out.write(head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4))

    def folder(self, name: str) -> None:
        self.add(name, stat.S_IFDIR | 0o755)

    def file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        self.add(name, stat.S_IFREG | mode, data)

    def tree(self, root: Path, name: str, leave_out: Callable[[str], bool] = lambda name: False) -> None:
        """All of a folder as `name`, symbolic links as such; `leave_out` is asked by path below `root`."""
        prefix = f"{name}/" if name else ""
        for path in _walk(root, root, leave_out):
            at = prefix + path.relative_to(root).as_posix()
            if path.is_symlink():
                self.add(at, stat.S_IFLNK | 0o777, os.fsencode(path.readlink()))
            elif path.is_dir():
                self.folder(at)
            elif path.is_file():
                self.file(at, path.read_bytes(), path.stat().st_mode & 0o777)

    def close(self) -> None:
        self.add("TRAILER!!!", 0)


def _walk(folder: Path, root: Path, leave_out: Callable[[str], bool]) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if not leave_out(path.relative_to(root).as_posix()):
            yield path
            if path.is_dir() and not path.is_symlink():
                yield from _walk(path, root, leave_out)
