"""The shipped unit with another program in the service's place: nothing of its sandbox is touched."""

import json

from tests.nspawn.fitted import FITTED
from tests.nspawn.machine import Machine

PYTHON = "/opt/sorter/current/bin/python"
UNITS = "/etc/systemd/system"
DROP_IN = """\
[Service]
Type=oneshot
WatchdogSec=0
Restart=no
ExecStart=
ExecStart={python} {program}
ExecStopPost=
"""


def said_instead(machine: Machine, name: str, program: str) -> dict[str, str | None]:
    """The JSON object that a Python program, with its arguments, prints in the service's sandbox."""
    unit = f"{UNITS}/{name}.service"
    machine.run("cp", "-L", f"{UNITS}/sorter.service", unit)
    machine.write(f"{unit}.d/fitted.conf", (machine.root / FITTED.lstrip("/")).read_text(encoding="utf-8"))
    machine.write(f"{unit}.d/instead.conf", DROP_IN.format(python=PYTHON, program=program))
    machine.run("systemctl", "daemon-reload")
    machine.run("systemctl", "start", name, check=False)
    told = machine.run("journalctl", "--no-pager", "--output=cat", "-u", name).stdout
    machine.run("rm", "-r", unit, f"{unit}.d")
    machine.run("systemctl", "daemon-reload")
    said = [row for row in told.splitlines() if row.startswith("{")]
    assert said, told
    found: dict[str, str | None] = json.loads(said[-1])
    return found
