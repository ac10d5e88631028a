"""The line under load, in virtual time: dense fruit, and the most that it can do."""

from __future__ import annotations

from typing import Any

from sim.bounds import upper_95
from sim.capacity import bench as bench_capacity
from tests.evidence.trial import Finding, Target, Trial, at_least, at_most

SEED = 1
PIXELS, SCORES, CAPACITY = 20_000, 200_000, 4_000
AIM = ("misdirected", "late", "collateral")
LEVELS = {"pixels": PIXELS, "scores": SCORES}
FRUIT_MM = {"dense": "25 to 35 mm", "dense-60": "55 to 65 mm"}


def dense(trial: Trial) -> Finding:
    """Four lanes at 1,000 mm/s, small fruit and large ones, on the times of a Pi 5 and of a Pi 4: rendered and graded,
    and ten times as many looked up. About 20 minutes."""
    found: dict[str, Any] = {}
    targets: list[Target] = []
    for scenario, length in FRUIT_MM.items():
        for level, whole in LEVELS.items():
            for pi in ("pi5", "pi4"):
                one = _run(trial, scenario, pi, trial.count(whole, 200), level)
                found[f"{scenario}-{level}-{pi}"] = one
                targets += _aim(f"{length}, {level}, {pi}", one)
    return Finding(found, targets, SEED)


def capacity(trial: Trial) -> Finding:
    """The highest rate a lane, by lanes and service time, and what limits it. About 5 minutes."""
    whole = trial.size >= 1
    found = bench_capacity(CAPACITY) if whole else bench_capacity(60, lanes=(1,), service_times=("pi5",))
    return Finding(found, [at_least("fruit/s a lane, the least row", min(_rates(found)), 10)], SEED)


def _run(trial: Trial, scenario: str, pi: str, fruit: int, level: str) -> dict[str, Any]:
    asked = ("--fast", "--service-time", pi, "--perception", level, "--fruit", str(fruit), "--seed", str(SEED))
    found = trial.report(f"{scenario}-{level}-{pi}", "sim", scenario, *asked)
    return {**found, "aim_faults_upper_95": round(upper_95(_faults(found), fruit), 6)}


def _aim(case: str, found: dict[str, Any]) -> list[Target]:
    fruit = found["fruit"]
    return [
        at_least(f"{case}: share with a pulse", round(sum(found["pulses"].values()) / fruit, 4), 0.9),
        at_most(f"{case}: share of aim faults", round(_faults(found) / fruit, 6), 0.001),
    ]


def _faults(found: dict[str, Any]) -> int:
    faults: int = sum(found["fates"][fate] for fate in AIM)
    return faults


def _rates(found: dict[str, Any]) -> list[float]:
    return [row["fruit_per_s_lane"] for row in found["rows"]]
