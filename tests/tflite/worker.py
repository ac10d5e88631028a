"""Run by the Python with tflite-runtime: `worker.py BUNDLE TENSORS.npy` prints what it makes of them, as JSON."""

import json
import sys
from pathlib import Path

import numpy as np

from edge.bundle import load_bundle
from edge.grade.litert import RUNTIME, LiteRTGrader, golden_faults


def main(folder: str, tensors: str) -> None:
    bundle = load_bundle(Path(folder))
    grader = LiteRTGrader(bundle)
    graded = [grader.grade_tensor(tensor) for tensor in np.load(tensors)]
    told = {
        "runtime": RUNTIME,
        "golden_faults": golden_faults(bundle),
        "scores": [one.scores for one in graded],
        "unknown_scores": [one.unknown_score for one in graded],
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
