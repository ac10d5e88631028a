"""What a bundle was made with: the lock that the environment was installed from, and the packages that matter."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LOCK = Path(__file__).resolve().parents[2] / "locks" / "training.txt"

_DEVICE = {"ai-edge-litert": "Apache-2.0", "numpy": "BSD-3-Clause", "opencv-python-headless": "Apache-2.0"}
_TRAINING = {"tensorflow-cpu": "Apache-2.0", "tensorflow": "Apache-2.0", "keras": "Apache-2.0"}


@dataclass(frozen=True, slots=True)
class Package:
    """An installed distribution; `on_device` says whether the bundle needs it there as well. `licence` is SPDX."""

    name: str
    version: str
    licence: str
    on_device: bool


@dataclass(frozen=True, slots=True)
class Environment:
    """`lock_sha256` is None outside a checkout, where no lock is known."""

    lock_sha256: str | None
    packages: tuple[Package, ...]


def environment() -> Environment:
    """The one that this process runs in."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest() if LOCK.is_file() else None
    found = [_package(name, licence, True) for name, licence in _DEVICE.items()]
    found += [_package(name, licence, False) for name, licence in _TRAINING.items()]
    return Environment(lock, tuple(package for package in found if package))


def own_version() -> str:
    """The installed sorter's."""
    return version("sorter")


def _package(name: str, licence: str, on_device: bool) -> Package | None:
    try:
        return Package(name, version(name), licence, on_device)
    except PackageNotFoundError:
        return None
