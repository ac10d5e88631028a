"""What the network costs on the computer that evaluates: time and memory of one grader, one thread, one look a call."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import numpy as np

from edge.bundle import Bundle
from edge.grade.litert import RUNTIME, LiteRTGrader

_WARM, _CALLS = 30, 300


def cost(bundle: Bundle) -> dict[str, Any]:
    """`look_ms` (median) and `look_p99_ms` of the network alone, `memory_mb` that a grader adds (None where the system
    does not tell), `bundle_bytes` of the whole folder, `runtime`."""
    before = _resident_bytes()
    grader = LiteRTGrader(bundle)
    side = bundle.manifest.preprocessing.size_px
    looks = np.random.default_rng(1).integers(0, 256, (8, side, side, 3), np.uint8)
    took = []
    for n in range(_WARM + _CALLS):
        start = time.perf_counter_ns()
        grader.invoke(looks[n % len(looks)])
        took.append((time.perf_counter_ns() - start) / 1e6)
    after = _resident_bytes()
    files = (bundle.folder / name for name in ("bundle.json", *bundle.manifest.files))
    return {
        "look_ms": round(float(np.median(took[_WARM:])), 4),
        "look_p99_ms": round(float(np.quantile(took[_WARM:], 0.99)), 4),
        "memory_mb": None if before is None or after is None else round(max(0, after - before) / 1e6, 1),
        "bundle_bytes": sum(path.stat().st_size for path in files),
        "runtime": RUNTIME,
    }


def _resident_bytes() -> int | None:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * os.sysconf("SC_PAGE_SIZE")
