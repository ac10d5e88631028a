"""A bundle whose weights are not what training made: rounded far too coarsely, as by a broken conversion. It loads, its
files are what its manifest says, and it grades badly."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np

from edge.bundle import MANIFEST, WEIGHTS, Bundle, load_bundle
from edge.grade.litert import constants

_FEWEST = 256
"""Constants with less than so many values are no kernels."""


def spoil(bundle: Bundle, folder: Path, step: float) -> Bundle:
    """A copy in a folder that is not there yet, whose int8 kernels know multiples of `step` alone: 1 is as good."""
    shutil.copytree(bundle.folder, folder)
    weights = (folder / WEIGHTS).read_bytes()
    for kernel in constants(bundle):
        if kernel.dtype == np.int8 and kernel.size >= _FEWEST:
            coarse = np.clip(np.round(kernel / step) * step, -127, 127).astype(np.int8)
            weights = weights.replace(kernel.tobytes(), coarse.tobytes(), 1)
    (folder / WEIGHTS).write_bytes(weights)
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["name"] = f"{bundle.manifest.name}-coarse"
    manifest["files"][WEIGHTS] = hashlib.sha256(weights).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return load_bundle(folder)
