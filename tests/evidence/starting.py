"""How soon the service sorts, what its processes hold after ten minutes, and what is installed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from edge.bench.start import bench, installed
from tests.evidence.releasing import open_office
from tests.evidence.trial import ROOT, Finding, Trial, at_most, is_so, surroundings
from tests.evidence.updatecost import following

HELD_S = 600.0
FIRST_VERDICT_S, MAIN_MB, GATES_MB, UPDATE_MB = 15.0, 300.0, 60.0, 100.0
"""On a desk. `sorter.service` gives a start 60 s."""

STRANGERS = ("tensorflow", "keras", "matplotlib", "sim", "training")


def starting(trial: Trial) -> Finding:
    """Three starts, the last of which runs on for ten minutes, with the update process beside it."""
    office = open_office(trial.folder)
    profile = following(trial.folder, office.root, office.folder.as_uri())
    update = subprocess.Popen([sys.executable, "-m", "edge.update", str(profile)], cwd=ROOT, env=surroundings())
    try:
        found = bench(HELD_S * trial.size, trial.count(3))
        held_mb = found["rss_mb"] | {"update": _resident_mb(update.pid)}
    finally:
        update.kill()
        update.wait()
    parts = {name for name, _ in installed()}
    absent = not any(name.startswith(STRANGERS) for name in parts)
    targets = [
        at_most("from the service's start to its first graded fruit, s", found["first_verdict_s"], FIRST_VERDICT_S),
        at_most("resident memory of the main process, MB", held_mb.get("main"), MAIN_MB),
        at_most("resident memory of the gate process, MB", held_mb.get("gates"), GATES_MB),
        at_most("resident memory of the update process, MB", held_mb["update"], UPDATE_MB),
        is_so("TensorFlow, matplotlib, simulator and training are not among what the device needs", absent),
    ]
    return Finding(found | {"rss_mb": held_mb}, targets)


def _resident_mb(pid: int) -> float:
    """What a process holds; on Linux."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    return round(next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) * 1.024 / 1e3, 1)
