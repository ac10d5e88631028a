"""The shipped unit's sandbox from within: what is denied is denied, and what the service needs is there.

A container has no device nodes of its own, so `DeviceAllow=` is not proven here; tests/firmware_config reads it. What
the kernel around it lacks is skipped, by name.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.nspawn.instead import said_instead
from tests.nspawn.line import Line

HIGHEST_EXPOSURE = 2.5

LISTEN = "denied: listen"
LIMITED = ("needed: memory that stays", "needed: real-time priority")
UNIFIED = Path("/sys/fs/cgroup/cgroup.controllers")


def may_raise_limits() -> bool:
    code = "import resource; resource.setrlimit(resource.RLIMIT_RTPRIO, (50, 50))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode == 0


@pytest.fixture(scope="module")
def found(line: Line) -> dict[str, str | None]:
    """What each attempt of bench/probe.py came to."""
    found = said_instead(line.machine, "probe", "/opt/bench/probe.py")
    line.sorts()
    return found


def test_what_is_denied_is_denied(found: dict[str, str | None]) -> None:
    denied = {name: outcome for name, outcome in found.items() if name.startswith("denied: ") and name != LISTEN}
    assert {name for name, outcome in denied.items() if outcome == "done"} == set()
    assert len(denied) >= 15


@pytest.mark.skipif(not UNIFIED.exists(), reason="SocketBindDeny= needs the unified control groups")
def test_it_cannot_listen(found: dict[str, str | None]) -> None:
    assert found[LISTEN] != "done"


def test_what_the_service_needs_works(found: dict[str, str | None]) -> None:
    needed = {name: outcome for name, outcome in found.items() if name.startswith("needed: ") and name not in LIMITED}
    assert {name: outcome for name, outcome in needed.items() if outcome != "done"} == {}
    assert len(needed) >= 8


@pytest.mark.skipif(not may_raise_limits(), reason="root may not raise its own limits here, so PID 1 inside cannot")
def test_the_gate_process_may_keep_its_memory_and_take_its_priority(found: dict[str, str | None]) -> None:
    assert {found[name] for name in LIMITED} == {"done"}


def test_little_is_exposed(line: Line, record_property: pytest.FixtureRequest) -> None:
    told = line.machine.run("systemd-analyze", "security", "--no-pager", "sorter.service", check=False).stdout
    (exposure,) = re.findall(r"Overall exposure level for sorter.service: ([\d.]+)", told)
    record_property("exposure", exposure)
    assert float(exposure) <= HIGHEST_EXPOSURE
