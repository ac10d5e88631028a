"""Disks that end the process, forget, or refuse, after as many operations as a test says."""

import errno
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from edge.update.disk import Disk

OPERATIONS = ("make_folder", "write", "append", "truncate", "sync", "rename", "remove", "remove_empty")


class CountedDisk(Disk):
    """Calls `then` after each operation, with how many there were; `before` in front of each."""

    def __init__(self, then: Callable[[int], None] = lambda n: None, before: Callable[[], None] = lambda: None) -> None:
        self.done = 0
        self._then, self._before = then, before
        for name in OPERATIONS:
            setattr(self, name, self._counted(getattr(self, name)))

    def _counted(self, operation: Callable[..., None]) -> Callable[..., None]:
        def counted(*arguments) -> None:
            self._before()
            operation(*arguments)
            self.done += 1
            self._then(self.done)

        return counted


def killing(after: int) -> CountedDisk:
    """The process dies of SIGKILL after so many operations."""
    return CountedDisk(lambda n: os.kill(os.getpid(), signal.SIGKILL) if n == after else None)


def kill_at_event(after: int, folder: Path) -> None:
    """This process dies of SIGKILL in front of the so-manieth time that anything in a folder is opened, renamed, linked
    or removed, by whomever: TUF's client has no port for its files. For a process that was made for this."""
    left = after

    def hear(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in ("open", "os.rename", "os.remove", "os.symlink", "os.mkdir") and str(folder) in str(arguments):
            left -= 1
            if left < 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hear)


class PowerCut(BaseException):
    """Everything that was not synced may be gone."""


def cut(after: int) -> Callable[[int], None]:
    def then(n: int) -> None:
        if n == after:
            raise PowerCut

    return then


class FullDisk(CountedDisk):
    """Takes nothing new while `is_full()`; with ENOSPC, or as a disk that was mounted read-only."""

    def __init__(self, is_full: Callable[[], bool], number: int = errno.ENOSPC) -> None:
        def refuse() -> None:
            if is_full():
                raise OSError(number, os.strerror(number), "the disk")

        super().__init__(before=refuse)


class Node:
    """A file or folder as the disk has it: what was synced of it."""

    def __init__(self, is_folder: bool) -> None:
        self.is_folder = is_folder
        self.data = b""
        self.entries: dict[str, Node] = {}


class ForgetfulDisk(CountedDisk):
    """Knows what would be left after a power cut: a file's content and a folder's entries as they were last synced."""

    def __init__(self, root: Path, then: Callable[[int], None]) -> None:
        self.root = root
        self.live: dict[Path, Node] = {}
        for path in (root, *sorted(root.rglob("*"))):
            self.live[path] = Node(path.is_dir())
        self.settle(lambda: True)
        super().__init__(then)

    def settle(self, is_kept: Callable[[], bool]) -> None:
        """What happens to be written out by itself."""
        for path, node in self.live.items():
            if is_kept():
                self._settle(path, node)

    def _settle(self, path: Path, node: Node) -> None:
        if node.is_folder:
            node.entries = {inner.name: found for inner, found in self.live.items() if inner.parent == path}
        else:
            node.data = path.read_bytes()

    def make_folder(self, path: Path) -> None:
        super().make_folder(path)
        self.live.setdefault(path, Node(True))

    def write(self, path: Path, data: bytes) -> None:
        super().write(path, data)
        self.live.setdefault(path, Node(False))

    def append(self, path: Path, data: bytes) -> None:
        super().append(path, data)
        self.live.setdefault(path, Node(False))

    def sync(self, path: Path) -> None:
        super().sync(path)
        self._settle(path, self.live[path])

    def rename(self, source: Path, target: Path) -> None:
        super().rename(source, target)
        moved = {path: node for path, node in self.live.items() if path == source or source in path.parents}
        for path in moved:
            del self.live[path]
        self.live |= {target / path.relative_to(source): node for path, node in moved.items()}

    def remove(self, path: Path) -> None:
        super().remove(path)
        self.live.pop(path, None)

    def remove_empty(self, path: Path) -> None:
        super().remove_empty(path)
        del self.live[path]

    def come_back(self, kept: float, seed: int) -> None:
        """After the cut: what was synced, and a share of the rest by chance. What TUF keeps is never synced."""
        chance = random.Random(seed)
        self.settle(lambda: chance.random() < kept)
        durable = self.live[self.root]
        others = {
            name: (self.root / name).read_bytes()
            for name in ("running.json", "starts.json", "lock")
            if (self.root / name).is_file()
        }
        shutil.rmtree(self.root)
        self._restore(durable, self.root)
        for name, data in others.items():
            (self.root / name).write_bytes(data)

    def _restore(self, node: Node, path: Path) -> None:
        if node.is_folder:
            path.mkdir()
            for name, inner in node.entries.items():
                self._restore(inner, path / name)
        else:
            path.write_bytes(node.data)
