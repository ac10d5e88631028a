"""How soon the service sorts, what its processes hold after ten minutes, and what is installed."""

from __future__ import annotations

from edge.bench.start import bench, installed
from tests.evidence.trial import Finding, Trial, is_so

HELD_S = 600.0
STRANGERS = ("tensorflow", "keras", "matplotlib", "sim", "training")


def starting(trial: Trial) -> Finding:
    """Three starts, the last of which runs on for ten minutes."""
    found = bench(HELD_S * trial.size, trial.count(3))
    parts = {name for name, _ in installed()}
    absent = not any(name.startswith(STRANGERS) for name in parts)
    # A line without the memory of one of its processes was not measured.
    whole = set(found["rss_mb"]) == {"main", "gates"} and min(found["rss_mb"].values()) > 0
    return Finding(
        found,
        [
            is_so("every process's memory is read", whole),
            is_so("TensorFlow, matplotlib, simulator and training are not among what the device needs", absent),
        ],
    )
