"""How fast the line and the simulator are here, and what the live main process holds in memory."""

from __future__ import annotations

import subprocess

from edge import clock
from edge.bench.pipeline import TARGET
from edge.bench.pipeline import bench as bench_pipeline
from sim.bench import CASES
from sim.bench import bench as bench_sim
from tests.evidence.trial import ROOT, Finding, Trial, at_least, at_most, sorter, surroundings
from tests.live.figures import resident_mb
from tests.live.kills import child

RSS_AFTER_S = 60
SMALL = "640x480"


def pipeline(trial: Trial) -> Finding:
    """The pipeline beside its floor, and the memory of the live main process after a minute."""
    missed_too = (0, 1)
    found = (
        trial.report("pipeline", "bench", "pipeline", option="--json", ok=missed_too)
        if trial.size >= 1
        else bench_pipeline(blocks=3)
    )
    rss_mb = _main_rss_mb(max(3, trial.count(RSS_AFTER_S)))
    small = next(case for case in found["cases"] if case["frame"] == SMALL)
    targets = [
        at_most(f"times its floor at {SMALL}, {small['fruit']} fruit", small["ratio"], TARGET),
        at_most("resident memory of the live main process, MB", rss_mb, 200),
    ]
    return Finding({**found, "live_rss_mb": rss_mb}, targets)


def simulator(trial: Trial) -> Finding:
    """How many times faster than real time two lanes at 10 fruit/s a lane run."""
    whole = trial.size >= 1
    small = tuple((perception, 4 if perception == "pixels" else 20, wanted) for perception, _, wanted in CASES)
    found = trial.report("sim", "bench", "sim", option="--json", ok=(0, 1)) if whole else bench_sim(small)
    times = {case["perception"]: case["times_real_time"] for case in found["cases"]}
    targets = [at_least(f"{name}, times real time", times[name], wanted) for name, _, wanted in CASES]
    return Finding(found, targets, 1)


def _main_rss_mb(after_s: int) -> float:
    command = [*sorter(), "sim", "--seconds", str(after_s + 5)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=surroundings(), cwd=ROOT) as world:
        assert world.stdout is not None
        next(line for line in world.stdout if "first verdict" in line)
        clock.sleep_until(clock.now_ns() + after_s * 1_000_000_000)
        rss_mb = resident_mb(child(world.pid, "sim.device"))
        world.communicate(timeout=60)
    return rss_mb
