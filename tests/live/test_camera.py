"""Faults of the camera and the lamp, live: the device's own capture thread and gate process hear of them."""

import json
import subprocess
import sys
from pathlib import Path

from tests.live.test_sim import environ

FAULTS = {"camera_silent": ("camera-stall", 3.0, 4.2), "lamp_off": ("lamp-off", 6.0, 7.0)}


def test_a_silent_camera_and_a_dark_belt_hold_the_gates_and_are_over_with_their_cause(tmp_path: Path) -> None:
    report = tmp_path / "r.json"
    asked = [f"--fault={name}@{from_s:g}-{to_s:g}" for name, from_s, to_s in FAULTS.values()]
    command = [sys.executable, "-m", "edge.cli", "sim", "clean", "--seconds", "9", "--report", str(report), *asked]
    ran = subprocess.run(command, env=environ(), capture_output=True, text=True, timeout=90, check=False)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(report.read_text())
    said = {(one["code"], one["state"]): one["at_s"] for one in found["incidents"]}
    for code, (_, from_s, to_s) in FAULTS.items():
        # What it takes is asserted in virtual time: here the computer may be busy.
        assert 0 <= said[code, "raised"] - from_s < 1.0
        assert 0 <= said[code, "cleared"] - to_s < 1.0
    assert found["fates"]["held"] > 5
    assert found["fates"]["right"] > 20
