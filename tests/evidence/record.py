"""A finding as a file: what was found, and on what it was found."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.evidence.trial import ROOT, Finding


def document(number: int, name: str, claim: str, finding: Finding, size: float, wall_s: float) -> dict[str, Any]:
    """The JSON of `docs/evidence/NN-name.json`."""
    return {
        "number": number,
        "name": name,
        "claim": claim,
        "holds": finding.holds,
        **({"missing": finding.missing} if finding.missing else {}),
        "targets": [asdict(target) for target in finding.targets],
        "figures": finding.figures,
        "seed": finding.seed,
        "size": size,
        "wall_s": round(wall_s, 1),
        **_where(),
    }


def write(path: Path, found: Mapping[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def _where() -> dict[str, Any]:
    changed = [line.split(maxsplit=1)[1] for line in _git("status", "--porcelain").splitlines()]
    return {
        "commit": _git("rev-parse", "HEAD") or None,
        "changed_since": [path for path in changed if not path.startswith("docs/evidence")],
        "python": platform.python_version(),
        "machine": {
            "system": f"{platform.system()} {platform.machine()}",
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9, 1),
        },
    }


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], check=False, capture_output=True, text=True, cwd=ROOT).stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.processor())
