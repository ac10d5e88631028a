"""The demo machine, slowed to what two shared cores render, grade and hold: its profile for the nspawn machine."""

import tomllib
from pathlib import Path

SPEED_MM_S, FRAMES_HZ = 200, 15

_CHANGES = {
    "speed_mm_s = 600": f"speed_mm_s = {SPEED_MM_S}",
    "frames_hz = 30": f"frames_hz = {FRAMES_HZ}",
    "# silent_ms = 100": "silent_ms = 1500",
    "heartbeat_ms = 100": "heartbeat_ms = 1000",
    "latency_budget_ms = 150": "latency_budget_ms = 400",
    "longest_on_ms = 500": "longest_on_ms = 2000",
}


def text(demo: Path) -> str:
    """The profile. Raises AssertionError where the demo's no longer has a line that is changed here."""
    said = demo.read_text(encoding="utf-8")
    for line, other in _CHANGES.items():
        assert line in said, line
        said = said.replace(line, other)
    tomllib.loads(said)
    return said
