"""Run by an emulated Python: `worker.py BUNDLE OUT.npz` writes what the bundle's golden crops come to there, and
prints what it is and what of the bundle's own golden check fails, as JSON."""

import ctypes
import json
import platform
import sys
from pathlib import Path

import numpy as np

from edge.bundle import GOLDEN, load_bundle
from edge.grade.litert import RUNTIME, LiteRTGrader, golden_faults

AT_HWCAP, ASIMDDP = 16, 1 << 20
"""The processor's features, as the kernel tells a program and the runtime reads them; the dot product's bit."""


def main(folder: str, out: str) -> None:
    bundle = load_bundle(Path(folder))
    grader = LiteRTGrader(bundle)
    with np.load(bundle.folder / GOLDEN) as golden:
        ran = [grader.invoke(tensor) for tensor in golden["tensors"]]
    np.savez(out, outputs=[scores for scores, _ in ran], features=[features for _, features in ran])
    told = {
        "machine": platform.machine(),
        "python": ".".join(platform.python_version_tuple()[:2]),
        "dot_product": bool(ctypes.CDLL(None).getauxval(AT_HWCAP) & ASIMDDP),
        "runtime": RUNTIME,
        "golden_faults": golden_faults(bundle),
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
