"""Aim on a belt that slows, stops and ramps, whose encoder slips, or that has none: labels given, in virtual time."""

from __future__ import annotations

import math
from typing import Any

from sim.scenario import FOLDER
from tests.evidence.trial import Finding, Target, Trial, at_most, is_so

SEED = 1
FRUIT = 2_000
SETTLING = 20
"""Fruit for which a slipping wheel is not yet known."""


def moving(trial: Trial) -> Finding:
    """With an encoder at every speed, through ramps and stops, and with a wheel that slips; the rest is stated."""
    fruit = trial.count(FRUIT, 60)
    cases = {str(speed): _at_one_speed(trial, speed) for speed in (100, 300, 1_000)}
    cases |= {name: name for name in ("ramps", "wheel-slip", "off-speed")}
    cases["slip-begins"] = _edited(
        trial, "wheel-slip", "wheel_slip = 0.05", "wheel_slip = 0.05\nwheel_slips_from_mm = 20000"
    )
    cases["no-encoder"] = _edited(trial, "ramps", 'profile = "encoder"', 'profile = "demo"')
    found = {name: _aim(trial, name, scenario, fruit) for name, scenario in cases.items()}
    held = ("100", "300", "1000", "ramps", "wheel-slip")
    targets: list[Target] = [at_most(f"{name}: aim faults / fruit", found[name]["share"], 0.001) for name in held]
    targets += [is_so(f"{name}: fates add up", found[name]["conserved"]) for name in found]
    told = [said["code"] for said in found["wheel-slip"]["incidents"]]
    targets.append(is_so("wheel-slip: the operator is told once, and rightly", told == ["encoder_slips"]))
    return Finding({"fruit": fruit, "cases": found}, targets, SEED)


def _aim(trial: Trial, name: str, scenario: str, fruit: int) -> dict[str, Any]:
    made = trial.report(
        name, "sim", scenario, "--fast", "--perception", "truth", "--fruit", str(fruit), "--seed", str(SEED)
    )
    first = SETTLING if name == "wheel-slip" else 0
    faults = made["aim"]["faults"] - sum(fault["fruit"] < first for fault in made["aim"]["named"])
    return {
        "faults": faults,
        "share": round(faults / fruit, 5),
        "upper_95": round(upper_95(faults, fruit), 5),
        "settling_faults": made["aim"]["faults"] - faults,
        "stopped_at_gate": made["aim"]["stopped_at_gate"],
        "fates": made["fates"],
        "incidents": made["incidents"],
        "ghosts": made["ghosts"],
        "conserved": sum(made["fates"].values()) == fruit,
        "times_real_time": round(made["sim_s"] / made["wall_s"]),
    }


def upper_95(faults: int, of: int) -> float:
    """The upper end of the one-sided 95 % interval for a share (Clopper and Pearson), by bisection."""
    low, high = faults / of, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        few = sum(math.comb(of, n) * middle**n * (1 - middle) ** (of - n) for n in range(faults + 1))
        low, high = (middle, high) if few > 0.05 else (low, middle)
    return high


def _at_one_speed(trial: Trial, speed_mm_s: int) -> str:
    text = (FOLDER / "ramps.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("program = [")
    return _written(
        trial,
        str(speed_mm_s),
        f"{head}program = [{{ speed_mm_s = {speed_mm_s}, hold_s = 1 }}]{rest.partition(chr(10) + ']')[2]}",
    )


def _edited(trial: Trial, name: str, old: str, new: str) -> str:
    text = (FOLDER / f"{name}.toml").read_text(encoding="utf-8")
    return _written(trial, f"{name}-edited-{len(new)}", text.replace(old, new))


def _written(trial: Trial, name: str, text: str) -> str:
    path = trial.folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)
