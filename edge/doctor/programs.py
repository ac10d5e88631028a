"""What other programs of this computer say: the bundle's self-test, systemd, the packages that are installed. Never
raises; None where nobody says."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from edge.config import Profile
from edge.doctor.software import Service
from edge.errors import GateFault
from edge.sort.link import GateProcess, gate_settings

PARTS = (
    *("sorter", "ai-edge-litert", "numpy", "opencv-python-headless", "gpiozero", "lgpio", "picamera2"),
    *("paho-mqtt", "pydantic", "tuf"),
)

_SELF_TEST_S = 120.0
_ASK_S = 5.0
_PRETENDED = {"GPIOZERO_PIN_FACTORY": "mock"}


def self_test(bundle: Path, profile: Path) -> list[str]:
    """The faults of a bundle, found in a process of its own."""
    command = [sys.executable, "-m", "edge.grade.selftest", str(bundle), str(profile)]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=_SELF_TEST_S, check=False)
    except subprocess.TimeoutExpired:
        return [f"its self-test was not done within {_SELF_TEST_S:g} s"]
    if ran.returncode:
        last = (ran.stderr.strip().splitlines() or ["without a word"])[-1]
        return [f"its self-test ended with status {ran.returncode}: {last}"]
    return ran.stdout.splitlines()


def wakes(profile: Profile) -> tuple[int, int] | str:
    """How late a gate process wakes here, median and 99th percentile in ns: it is started with lines that are none, and
    tests itself. A text says why not."""
    try:
        process = GateProcess(gate_settings(profile), env={**os.environ, **_PRETENDED})
    except GateFault as fault:
        return str(fault)
    process.close()
    return process.ready.wake_p50_ns, process.ready.wake_p99_ns


def service(name: str = "sorter.service") -> Service | None:
    said = _ask(["systemctl", "show", name, "-p", "LoadState,ActiveState,UnitFileState,NRestarts"])
    found = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    if found.get("LoadState") != "loaded":
        return None
    restarts = found.get("NRestarts", "0")
    enabled = found.get("UnitFileState") == "enabled"
    return Service(found.get("ActiveState", "unknown"), enabled, int(restarts) if restarts.isdigit() else 0)


def versions() -> dict[str, str | None]:
    return {name: _version(name) for name in PARTS}


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _ask(command: Sequence[str]) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, timeout=_ASK_S, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return ""
