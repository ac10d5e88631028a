"""What has come and is not yet in Parquet: lines on disk, so that a message is acknowledged only once it is kept."""

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from edge.durable import sync

Row = dict[str, Any]


class Journal:
    """One collector's. A file of lines is closed, turned into Parquet by whoever asks, and then deleted; one that a
    crash left behind is found again by its name."""

    def __init__(self, folder: Path, collector: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._collector = collector
        held = self.closed()
        self._serial = 1 + max((_serial(path) for path in held), default=0)
        self._rows = 0
        self._handle: int | None = None

    @property
    def rows(self) -> int:
        """Lines in the file that is written."""
        return self._rows

    def append(self, rows: Iterable[tuple[str, Row]]) -> None:
        """Keep (kind, message) pairs. On return they survive a power cut. Raises OSError where the disk takes them not,
        or not all: what comes next begins a new file, behind no torn line."""
        if self._handle is None:
            self._handle = os.open(self._path(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            sync(self._folder)
        lines = [json.dumps([kind, row], separators=(",", ":")) for kind, row in rows]
        held = memoryview("".join(f"{line}\n" for line in lines).encode())
        try:
            while held:
                held = held[os.write(self._handle, held) :]
            os.fsync(self._handle)
        except OSError:
            self.close()
            raise
        self._rows += len(lines)

    def close(self) -> None:
        """The next line begins a new file."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None
            self._serial += 1
        self._rows = 0

    def closed(self) -> Sequence[Path]:
        """The files that wait to be turned into Parquet, oldest first."""
        paths = sorted(self._folder.glob(f"{self._collector}.*.lines"), key=_serial)
        return [path for path in paths if getattr(self, "_handle", None) is None or path != self._path()]

    def _path(self) -> Path:
        return self._folder / f"{self._collector}.{self._serial:08}.lines"


def read(path: Path) -> Iterator[tuple[str, Row]]:
    """The pairs of a file. A last line that a power cut has torn was never acknowledged, and is passed over."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            try:
                kind, row = json.loads(line)
            except ValueError:
                continue
            yield kind, row


def _serial(path: Path) -> int:
    return int(path.name.split(".")[-2])
