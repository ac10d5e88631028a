"""Bundles whose weights are no network: enough for whatever only reads the manifest."""

import hashlib
import json
from pathlib import Path
from typing import Any

from edge.bundle import GOLDEN, MANIFEST, WEIGHTS
from edge.datapath import LABELS


def write_bundle(folder: Path, **changes: Any) -> Path:
    """A bundle that loads, with some keys of its manifest changed."""
    folder.mkdir(parents=True)
    files = {}
    for name in (WEIGHTS, GOLDEN):
        (folder / name).write_bytes(name.encode())
        files[name] = hashlib.sha256(name.encode()).hexdigest()
    manifest = {
        "format": 1,
        "name": "hollow",
        "labels": LABELS,
        "preprocessing": {"version": 1, "size_px": 64, "background": 114, "margin": 0.1},
        "thresholds": {"least_confidence": 0.5, "most_unknown": 0.5, "damaged": 0.5},
        "origin": {
            "recipe": "none",
            "recipe_text": "",
            "dataset_sha256": "",
            "code_commit": "",
            "seed": 1,
            "created_utc": "2026-01-01T00:00:00Z",
            "trained_on": {},
        },
        "metrics": {},
        "licences": [],
        "files": files,
    }
    (folder / MANIFEST).write_text(json.dumps(manifest | changes), encoding="utf-8")
    return folder
