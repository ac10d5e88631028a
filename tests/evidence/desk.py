"""The live machine, from nothing to a sorted fruit, and as it stands where the system is not Linux."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

from tests.evidence.trial import ROOT, Finding, Target, Trial, at_least, at_most, is_so, sorter, surroundings
from tests.live.figures import first_verdict_s

SECONDS = 20
STARTS = 5
FIRST_VERDICT_S = 3.0
MAC = ROOT / "tests" / "mac"
BARE = ROOT / "tests" / "evidence" / "bare"
"""A sitecustomize that hides mosquitto, as on a machine without it."""


def live(trial: Trial) -> Finding:
    """`make sim` in fresh clones, with and without mosquitto; then the time to the first verdict; then as on macOS."""
    figures: dict[str, Any] = {}
    targets: list[Target] = []
    if trial.size >= 1:
        for name, environ in (("with mosquitto", {}), ("without mosquitto", {"PYTHONPATH": str(BARE)})):
            figures[name] = found = _from_nothing(trial, name.replace(" ", "-"), environ)
            targets += [
                at_least(f"{name}: fruit in the right place", found["right"], 1),
                is_so(f"{name}: no TensorFlow beside it", not found["tensorflow"]),
            ]
        brokers = [figures[name]["broker"] for name in ("with mosquitto", "without mosquitto")]
        targets.append(is_so("mosquitto where it is, the embedded broker elsewhere", brokers == ["mosquitto", "amqtt"]))
    starts = [first_verdict_s() for _ in range(trial.count(STARTS))]
    figures["first_verdict_s"] = {"median": round(median(starts), 3), "each": [round(s, 3) for s in starts]}
    targets.append(at_most("exec to first verdict, median, s", round(median(starts), 3), FIRST_VERDICT_S))
    figures["as on macOS"] = found = _run(trial, "mac", sorter(), surroundings(PYTHONPATH=str(MAC)))
    targets.append(at_least("as on macOS: fruit in the right place", found["right"], 1))
    return Finding(figures, targets, 1)


def _from_nothing(trial: Trial, name: str, environ: dict[str, str]) -> dict[str, Any]:
    clone = trial.folder / name
    trial.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)])
    start_s = time.monotonic()
    surrounding = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"} | environ
    report = clone / "r.json"
    arguments = f"ARGS=--seconds {SECONDS} --report {report}"
    done = _finished(["make", "sim", f"PYTHON={_python()}", arguments], surrounding, clone)
    listed = subprocess.run(
        [clone / ".venv" / "bin" / "pip", "list"], capture_output=True, text=True, check=True
    ).stdout
    return {
        **_outcome(report),
        "whole_s": round(time.monotonic() - start_s, 1),
        "broker": next((name for name in ("mosquitto", "amqtt") if f"broker: {name}" in done), None),
        "tensorflow": "tensorflow" in listed.lower(),
    }


def _run(trial: Trial, name: str, command: list[str], environ: dict[str, str]) -> dict[str, Any]:
    report = trial.folder / f"{name}.json"
    seconds = str(max(3, trial.count(SECONDS)))
    _finished([*command, "sim", "--seconds", seconds, "--report", str(report)], environ, ROOT)
    return _outcome(report)


def _outcome(report: Path) -> dict[str, Any]:
    found = json.loads(report.read_text(encoding="utf-8"))
    return {"fruit": found["fruit"], "right": found["fates"]["right"], "fates": found["fates"]}


def _finished(command: list[str], environ: dict[str, str], folder: Path) -> str:
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=folder, env=environ, timeout=1_800)
    if done.returncode:
        raise RuntimeError(
            f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        )
    return done.stdout


def _python() -> str:
    """The Python that made this environment."""
    return str(Path(sys.base_prefix) / "bin" / "python3")
