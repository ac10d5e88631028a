"""Write a bundle with its papers: the folder appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.bundle import GOLDEN, MANIFEST, REFERENCE, WEIGHTS, Bundle, Manifest, load_bundle
from edge.durable import sync
from edge.errors import UsageFault
from edge.grade.litert import LiteRTGrader
from edge.grade.preprocess import to_tensor
from training.augment import LINE, seen
from training.dataset import Picture
from training.papers.writing import papers
from training.reference import write_reference

GOLDEN_LOOKS = 12


def check_target(folder: Path) -> None:
    """Raise UsageFault unless `folder` is free for a bundle: absent, empty, or a bundle that may be replaced."""
    if folder.is_dir() and any(folder.iterdir()) and not (folder / MANIFEST).is_file():
        raise UsageFault(f"{folder}: holds something that is no bundle; give a new or an empty folder to --out")
    if folder.exists() and not folder.is_dir():
        raise UsageFault(f"{folder}: is a file; give a new or an empty folder to --out")


def golden_layers(grader: LiteRTGrader, pictures: Sequence[Picture], manifest: Manifest) -> dict[str, NDArray[Any]]:
    """Rendered fruit through both layers (see `edge.bundle`). Photographs are refused: a bundle may not carry any."""
    if any(picture.source != "builtin" for picture in pictures):
        raise ValueError("golden layers are made of rendered fruit alone")
    rng = np.random.default_rng(manifest.origin.seed)
    picked = rng.choice(len(pictures), GOLDEN_LOOKS, replace=False)
    crops = [seen(pictures[int(n)], rng, LINE) for n in picked]
    tensors = [to_tensor(crop, mask, manifest.preprocessing) for crop, mask in crops]
    ran = [grader.invoke(tensor) for tensor in tensors]
    layers: dict[str, NDArray[Any]] = {
        "tensors": np.stack(tensors),
        "outputs": np.stack([scores for scores, _ in ran]),
        "features": np.stack([features for _, features in ran]),
    }
    for n, (crop, mask) in enumerate(crops):
        layers[f"crops_{n}"], layers[f"masks_{n}"] = crop, mask
    return layers


def write_bundle(
    folder: Path,
    manifest: Manifest,
    weights: bytes,
    golden: dict[str, NDArray[Any]],
    report: Mapping[str, Any] | None = None,
    reference: Mapping[str, NDArray[Any]] | None = None,
) -> Bundle:
    """Write it with its papers beside its place, flush it, then rename it there; `files` of the manifest is filled in
    here. `report` is what training measured, for the model card; `reference` goes with the manifest's `unknown`.

    A bundle that was there is replaced. Raises UsageFault (see `check_target`).
    """
    check_target(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    try:
        (made / WEIGHTS).write_bytes(weights)
        np.savez_compressed(made / GOLDEN, allow_pickle=False, **golden)
        if reference is not None:
            write_reference(made / REFERENCE, reference)
        manifest = manifest.model_copy(update={"files": _hashes(made)})
        for name, paper in papers(manifest, report or {}).items():
            (made / name).write_bytes(paper)
        content = manifest.model_copy(update={"files": _hashes(made)}).model_dump(mode="json")
        (made / MANIFEST).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        made.chmod(0o755)
        load_bundle(made)
        for path in (*made.iterdir(), made):
            sync(path)
        _take_place(made, folder)
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return load_bundle(folder)


def differences(one: Bundle, other: Bundle) -> list[str]:
    """The files whose bytes differ between two bundles, or that one of them lacks; the manifest among them only where
    it says more than other hashes. Empty for a training that was repeated to the bit."""
    a, b = one.manifest, other.manifest
    names = sorted(name for name in a.files.keys() | b.files.keys() if a.files.get(name) != b.files.get(name))
    alike = a.model_copy(update={"files": {}}) == b.model_copy(update={"files": {}})
    return names if alike else [*names, MANIFEST]


def made_utc() -> str:
    """When a bundle is made: its code's instant, so that the same code makes the same bytes; now, where the code is not
    a commit's."""
    commit = code_commit()
    told = (
        "" if commit == "unknown" or commit.endswith("+") else _git(Path(__file__).parent, "log", "-1", "--format=%ct")
    )
    instant = datetime.fromtimestamp(int(told), UTC) if told else datetime.now(UTC)
    return instant.isoformat(timespec="seconds")


def code_commit() -> str:
    """The checkout's commit, with `+` where files differ from it; "unknown" outside a checkout."""
    here = Path(__file__).parent
    told = _git(here, "rev-parse", "HEAD")
    if not told:
        return "unknown"
    return told + ("+" if _git(here, "status", "--porcelain", "--untracked-files=no") else "")


def _hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def _git(folder: Path, *words: str) -> str:
    try:
        ran = subprocess.run(["git", "-C", folder, *words], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return ran.stdout.strip() if ran.returncode == 0 else ""


def _take_place(made: Path, folder: Path) -> None:
    if folder.exists():
        old = Path(tempfile.mkdtemp(prefix=f".{folder.name}-old-", dir=folder.parent))
        folder.rename(old / folder.name)
        made.rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    else:
        made.rename(folder)
    sync(folder.parent)
