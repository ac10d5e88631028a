"""The line under load, in virtual time: dense fruit, more work than the device can do, and the most that it can."""

from __future__ import annotations

from typing import Any

from sim.bounds import upper_95
from sim.capacity import bench as bench_capacity
from tests.evidence.trial import Finding, Target, Trial, at_least, at_most, is_so

SEED = 1
DENSE, OVERLOAD, CAPACITY = 20_000, 2_000, 2_000
AIM = ("misdirected", "late", "collateral")


def dense(trial: Trial) -> Finding:
    """Four lanes of small fruit, rendered and graded, on the times of a Pi 4 and of a Pi 5."""
    fruit = trial.count(DENSE, 200)
    found = {pi: _run(trial, "dense", pi, fruit, "pixels") for pi in ("pi5", "pi4")}
    return Finding(found, [target for pi, one in found.items() for target in _aim(pi, one)], SEED)


def overload(trial: Trial) -> Finding:
    """1.5 and 3 times the work of a Pi 4."""
    fruit = trial.count(OVERLOAD, 900)
    found = _run(trial, "overload", "pi4", fruit, "truth")
    fates = found["fates"]
    targets = [
        at_most("share of aim faults", _faults(found) / fruit, 0.001),
        at_least("fruit shed", fates["shed"], 1),
        is_so("the rest is sorted or shed", fates["shed"] + fates["right"] + fates["unsure"] + _faults(found) == fruit),
        at_most("longest from picture to verdict, ms", found["latency_ms"]["max"], 250),
    ]
    return Finding(found, targets, SEED)


def capacity(trial: Trial) -> Finding:
    """The highest rate a lane, by lanes and service time, and what limits it."""
    whole = trial.size >= 1
    found = bench_capacity(CAPACITY) if whole else bench_capacity(60, lanes=(1,), service_times=("none",))
    return Finding(found, [at_least("fruit/s a lane, the least row", min(_rates(found)), 10)], SEED)


def _run(trial: Trial, scenario: str, pi: str, fruit: int, perception: str) -> dict[str, Any]:
    asked = ("--fast", "--service-time", pi, "--perception", perception, "--fruit", str(fruit), "--seed", str(SEED))
    found = trial.report(f"{scenario}-{pi}", "sim", scenario, *asked)
    return {**found, "aim_faults_upper_95": round(upper_95(_faults(found), fruit), 6)}


def _aim(pi: str, found: dict[str, Any]) -> list[Target]:
    fruit = found["fruit"]
    return [
        at_least(f"{pi}: share with a pulse", round(sum(found["pulses"].values()) / fruit, 4), 0.9),
        at_most(f"{pi}: share of aim faults", round(_faults(found) / fruit, 6), 0.001),
    ]


def _faults(found: dict[str, Any]) -> int:
    faults: int = sum(found["fates"][fate] for fate in AIM)
    return faults


def _rates(found: dict[str, Any]) -> list[float]:
    return [row["fruit_per_s_lane"] for row in found["rows"]]
