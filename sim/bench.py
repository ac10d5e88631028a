"""`sorter bench sim`: how much faster than real time the simulated machine runs.

Device and world share one thread; the painter of its pictures has another.
"""

from __future__ import annotations

from statistics import median
from typing import Any

from sim.choice import Perception
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import prepare

SCENARIO = "brisk"
RUNS = 3
CASES: tuple[tuple[Perception, int, float], ...] = (
    ("pixels", 600, 15.0),
    ("scores", 1_000, 100.0),
    ("truth", 1_000, 200.0),
)
"""Perception, fruit in a run, and how many times real time are wanted."""


def bench(cases: tuple[tuple[Perception, int, float], ...] = CASES) -> dict[str, Any]:
    """The median of `RUNS` runs a case. `missed` names each target that is not met."""
    rows: list[dict[str, Any]] = []
    missed: list[str] = []
    for perception, fruit, wanted in cases:
        setup = prepare(SCENARIO, seed=1, limit=Limit(fruit=fruit), perception=perception)
        camera = setup.profile.camera
        times = median(_times_real_time(FastRun(setup).run()) for _ in range(RUNS))
        rows.append(
            {
                "scenario": SCENARIO,
                "perception": perception,
                "frame": f"{camera.width_px}x{camera.height_px}",
                "frames_hz": camera.frames_hz,
                "times_real_time": round(times, 1),
            }
        )
        if times < wanted:
            missed.append(f"{perception}: {times:.1f} times real time; at least {wanted:g} is wanted")
    return {"cases": rows, **({"missed": missed} if missed else {})}


def _times_real_time(report: dict[str, Any]) -> float:
    times: float = report["sim_s"] / report["wall_s"]
    return times
