"""The shipped unit's sandbox from within: what is denied is denied, and what the service needs is there.

A container has no device nodes of its own, so `DeviceAllow=` is not proven here; tests/firmware_config reads it. What
the kernel around it may lack is tried under an emulated one.
"""

import re
from pathlib import Path

import pytest

from tests.nspawn import emulated
from tests.nspawn.instead import said_instead
from tests.nspawn.line import Line

HIGHEST_EXPOSURE = 2.5

LISTEN = "denied: listen"
LIMITED = ("needed: memory that stays", "needed: real-time priority")
"""Of these a container has what the computer around it has."""


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


def test_what_the_service_needs_works(found: dict[str, str | None]) -> None:
    needed = {name: outcome for name, outcome in found.items() if name.startswith("needed: ") and name not in LIMITED}
    assert {name: outcome for name, outcome in needed.items() if outcome != "done"} == {}
    assert len(needed) >= 8


@pytest.mark.qemu
def test_a_kernel_of_its_own_denies_what_is_denied_and_lets_it_take_priority_and_a_port_that_is_lent(
    tmp_path: Path,
) -> None:
    found = emulated.probed(tmp_path)
    assert {name for name, outcome in found.items() if name.startswith("denied: ") and outcome == "done"} == set()
    needed = {name: outcome for name, outcome in found.items() if name.startswith("needed: ")}
    assert {name: outcome for name, outcome in needed.items() if outcome != "done"} == {}
    assert {*LIMITED, LISTEN} < found.keys()


def test_little_is_exposed(line: Line, record_property: pytest.FixtureRequest) -> None:
    told = line.machine.run("systemd-analyze", "security", "--no-pager", "sorter.service", check=False).stdout
    (exposure,) = re.findall(r"Overall exposure level for sorter.service: ([\d.]+)", told)
    record_property("exposure", exposure)
    assert float(exposure) <= HIGHEST_EXPOSURE
