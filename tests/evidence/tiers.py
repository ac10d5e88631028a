"""What the tests of a tier find, as a measurement: each claim, and the figures that they note beside it."""

from __future__ import annotations

import sys
from xml.etree import ElementTree

from tests.evidence.trial import Finding, Target, Trial, at_most

HIGHEST_EXPOSURE = 2.5
GPIO_LIMITS_MS = {"main hung": 300.0, "gate process hung": 300.0, "main killed": 50.0, "gate process killed": 50.0}
"""The shipped heartbeat's limit and 0.2 s; at once: less than half of that limit."""


def service(trial: Trial) -> Finding:
    """The shipped unit on a machine with systemd: its camera, its film, its faults, its sandbox."""
    files = (f"tests/nspawn/test_{name}.py" for name in ("camera", "faults", "line", "sandbox"))
    states, noted = _claims(trial, *files)
    return _finding(states, noted, at_most("exposure", _figure(noted, "exposure"), HIGHEST_EXPOSURE))


def processors(trial: Trial) -> Finding:
    """The shipped bundle and the lock on emulated processors of a Pi."""
    return _finding(*_claims(trial, "tests/arm64"))


def gpio(trial: Trial) -> Finding:
    """A kernel's GPIO: when an open gate's line was low, in milliseconds of the emulated computer's own clock."""
    states, noted = _claims(trial, "tests/qemu")
    limits = [at_most(f"low after, ms: {name}", _figure(noted, name), most) for name, most in GPIO_LIMITS_MS.items()]
    return _finding(states, noted, *limits)


def wiring(trial: Trial) -> Finding:
    """The hardware guide, the profiles, the boot fragment and the units."""
    return _finding(*_claims(trial, "tests/firmware_config"))


def traps(trial: Trial) -> Finding:
    """picamera2's, imitated, and on the stock one."""
    files = ("tests/contract/test_camera.py", "tests/contract/test_camera_traps.py", "tests/nspawn/test_camera.py")
    return _finding(*_claims(trial, *files))


def _claims(trial: Trial, *files: str) -> tuple[dict[str, str], dict[str, str]]:
    """By claim what became of it, and by name what was noted."""
    out = trial.folder / "claims.xml"
    trial.run([sys.executable, "-m", "pytest", *files, f"--junit-xml={out}"], ok=(0, 1))
    states: dict[str, str] = {}
    noted: dict[str, str] = {}
    for case in ElementTree.parse(out).iter("testcase"):
        name = f"{case.attrib['classname'].rpartition('.')[2]}::{case.attrib['name']}"
        states[name] = next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), "passed")
        noted |= {told.attrib["name"]: told.attrib["value"] for told in case.iter("property")}
    return states, noted


def _figure(noted: dict[str, str], name: str) -> float | None:
    return float(noted[name]) if name in noted else None


def _finding(states: dict[str, str], noted: dict[str, str], *targets: Target) -> Finding:
    said = list(states.values())
    failed = said.count("failure") + said.count("error")
    figures = {"passed": said.count("passed"), "skipped": [name for name in states if states[name] == "skipped"]}
    if not figures["passed"]:
        return Finding(figures, missing="the tools of this tier: none of its claims could be tried")
    return Finding({**figures, "noted": noted}, [at_most("claims that fail", failed, 0), *targets])
