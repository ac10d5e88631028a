"""Machines as they are drawn, each calibrated by the device's own session in virtual time and held to their truth; then
each camera is knocked, and the calibration held to what it shows. At half of the demo's frames."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from math import degrees
from multiprocessing import get_context
from pathlib import Path
from statistics import mean, median
from typing import Any

import cv2

from edge.calibrate.calibration import Wanted, parts_of
from edge.doctor import fit, plates
from sim.calibrating import CalibratingRun
from sim.camera import Knock
from sim.truth import stream
from tests.evidence.trial import Finding, Trial, at_most, is_so

SEED = 1
MACHINES = 50
BALLS = 24
_FRAMES = 45
_SPREADS_MS = (0.4, 0.7, 1.0)
"""Of the gates' movements, in turns."""

_KNOCKS = (
    Knock(along_px=6.0),
    Knock(across_px=-5.0),
    Knock(turn_deg=0.8),
    Knock(zoom=1.025),
    Knock(along_px=-4.0, across_px=3.0, turn_deg=-0.5),
)


def calibrated(trial: Trial) -> Finding:
    """Scale, belt speed and every gate's delays within their bounds; knocks noticed, and nothing else."""
    machines = trial.count(MACHINES, 2)
    balls = BALLS if trial.size >= 1 else BALLS // 4
    with ProcessPoolExecutor(min(machines, os.cpu_count() or 1), get_context("spawn")) as pool:
        rows = []
        for row in pool.map(partial(_machine, trial.folder, balls), range(machines)):
            rows.append(row)
            worst = max(abs(gate[key]) for gate in row["gates"] for key in ("open_off_ms", "close_off_ms"))
            trial.say(f"machine {len(rows)} of {machines}: a gate's delay at most {worst:.2f} ms off")
    off = {key: [row[key] for row in rows] for key in ("scale_off", "speed_off", "skew_off_deg")}
    gates = [gate for row in rows for gate in row["gates"]]
    delays = [abs(gate[key]) for gate in gates for key in ("open_off_ms", "close_off_ms")]
    surely = [abs(gate["open_off_ms"]) / gate["open_sd_ms"] for gate in gates]
    figures = {
        "machines": machines,
        "gates": len(gates),
        "balls_a_gate_and_speed": balls,
        "scale_off_worst": max(map(abs, off["scale_off"])),
        "scale_off_median": median(map(abs, off["scale_off"])),
        "speed_off_worst": max(map(abs, off["speed_off"])),
        "speed_off_median": median(map(abs, off["speed_off"])),
        "skew_off_deg_worst": max(map(abs, off["skew_off_deg"])),
        "delay_off_ms_worst": max(delays),
        "delay_off_ms_mean": mean(delays),
        "delay_sd_stated_ms_mean": mean(gate["open_sd_ms"] for gate in gates),
        "delay_within_two_sd": sum(z <= 2 for z in surely) / len(surely),
        "spread_off_ms_median": median(abs(gate["spread_off_ms"]) for gate in gates),
        "profile_delay_off_ms_mean": mean(gate["before_off_ms"] for gate in gates),
        "knocks_noticed": sum(row["noticed"] for row in rows),
        "false_alarms": sum(row["said_unknocked"][0] != "good" for row in rows),
        "rows": rows,
    }
    targets = [
        at_most("scale off, worst of all machines", figures["scale_off_worst"], 0.005),
        at_most("belt speed off, worst of all machines", figures["speed_off_worst"], 0.005),
        at_most("gate delay off, worst of all gates, ms", figures["delay_off_ms_worst"], 2.0),
        is_so("every knocked camera is noticed", all(row["noticed"] for row in rows)),
        is_so("no camera that was left alone is named", not figures["false_alarms"]),
    ]
    return Finding(figures, targets, SEED)


def _machine(folder: Path, balls: int, n: int) -> dict[str, Any]:
    cv2.setNumThreads(1)
    spread_ms = _SPREADS_MS[n % len(_SPREADS_MS)]
    scenario = folder / f"machine-{n}.toml"
    scenario.write_text(
        f'extends = "uncalibrated"\nabout = "its gates spread"\n[machine.camera]\nframes_hz = 15\n'
        f"[truth]\ngate_sd_ms = {spread_ms}\n",
        encoding="utf-8",
    )
    run = CalibratingRun(str(scenario), SEED + n)
    parts, _ = parts_of(run.session.profile, Wanted(balls=balls), "2026-01-01T00:00:00Z", "plate.png")
    run.calibrate(parts)
    profile, truth = run.session.profile, run.world.truth
    row: dict[str, Any] = {
        "scale_off": profile.camera.mm_per_px / truth.mm_per_px - 1,
        "speed_off": profile.belt.speed_mm_s / truth.speed_mm_s - 1,
        "skew_off_deg": _of(profile.calibration.camera).skew_deg - degrees(truth.skew_rad),
        "gates": [],
    }
    for gate in truth.gates:
        found, told = profile.calibration.gates[gate.name], run.believed.gates[gate.name]
        row["gates"].append(
            {
                "open_off_ms": round(found.open_delay_ms - gate.open_delay_ns / 1e6, 3),
                "close_off_ms": round(found.close_delay_ms - gate.close_delay_ns / 1e6, 3),
                "open_sd_ms": found.open_delay_sd_ms,
                "spread_off_ms": round(found.delay_sd_ms - spread_ms, 3),
                "before_off_ms": round(abs(told.open_delay_ms - gate.open_delay_ns / 1e6), 3),
            }
        )
    row["said_unknocked"] = _said(run)
    run.eye.knock(stream(SEED + n, "knock").choice(_KNOCKS))
    row["said_knocked"] = _said(run)
    row["noticed"] = row["said_knocked"][0] != "good"
    return row


def _said(run: CalibratingRun) -> tuple[str, str]:
    """The doctor's verdict on whether the camera has moved since, and what he found."""
    assert run.session.plate is not None
    pictures = [frame.pixels for frame in run.frames(_FRAMES)[:: _FRAMES // 15]]
    (said,) = fit.moved(plates.shift(run.session.plate, pictures, run.session.profile.camera.mm_per_px))
    return said.verdict, said.what


def _of(found: Any) -> Any:
    assert found is not None
    return found
