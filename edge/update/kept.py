"""Sealed records on the device's disk: changed whole, for good."""

from pathlib import Path

from edge.sealed import S, Sealed, seal, unseal
from edge.update.disk import Disk


def keep(disk: Disk, path: Path, record: Sealed) -> None:
    disk.replace(path, seal(record))


def find(disk: Disk, path: Path, shape: type[S]) -> S | None:
    """None where there is none, or none that is whole."""
    return unseal(disk.read(path), shape)
