"""What the outbox carries, costs a disk, and leaves of a live fruit's time, beside bare paho."""

from __future__ import annotations

from edge.bench.telemetry import TARGET_LATE_MS, TARGET_PER_S, bench
from tests.evidence.trial import Finding, Trial, at_least, at_most


def telemetry(trial: Trial) -> Finding:
    """`sorter bench telemetry`, as a user runs it."""
    if trial.size >= 1:
        found = trial.report("telemetry", "bench", "telemetry", option="--json", ok=(0, 1))
    else:
        found = bench(block_s=0.2, pairs=2, pace_s=1.0, catch_up_s=1.0, day_items=2_000)
    return Finding(
        found,
        [
            at_least("durable items/s", found["items_per_s"], TARGET_PER_S),
            at_most("lost", found["lost"], 0),
            at_most("duplicates", found["duplicates"], 0),
            at_most("a live fruit late while a day's backlog is sent, ms", found["live_late_max_ms"], TARGET_LATE_MS),
        ],
    )
