"""Releases for a measurement: an office with all keys, and bundles that differ from the factory's in their name alone.

`python -m tests.evidence.releasing FOLDER BUNDLE` releases one from a process of its own, at the least priority.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from edge.bundle import FACTORY, MANIFEST, load_bundle
from tests.edge.update.machines import Office
from tests.evidence.trial import ROOT, surroundings

BYTES = 600_000
_PADDING = "padding.bin"


def open_office(folder: Path) -> Office:
    """Whoever releases into `folder`/releases; begun where there is none."""
    now = datetime.now(UTC).replace(microsecond=0)
    if not (folder / "releases").exists():
        return Office(folder, now)
    office = Office.__new__(Office)
    office.folder, office.keys, office.now = folder / "releases", folder / "keys", now
    office.root = (office.folder / "metadata" / "1.root.json").read_bytes()
    return office


def variant(folder: Path, name: str, length: int = BYTES) -> str:
    """The factory's bundle by another name, of so many bytes at least; returns its identity."""
    shutil.copytree(FACTORY, folder)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    missing = length - sum(path.stat().st_size for path in folder.iterdir())
    padding = os.urandom(max(16, missing - 120))
    (folder / _PADDING).write_bytes(padding)
    manifest["name"] = name
    manifest["files"][_PADDING] = hashlib.sha256(padding).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return load_bundle(folder).identity


def release(folder: Path, bundle: Path) -> subprocess.Popen[bytes]:
    """Begin to release a bundle, and to let the channel name it."""
    command = ["nice", "-n", "19", sys.executable, "-m", "tests.evidence.releasing", str(folder), str(bundle)]
    return subprocess.Popen(command, cwd=ROOT, env=surroundings())


if __name__ == "__main__":
    open_office(Path(sys.argv[1])).publish(Path(sys.argv[2]))
