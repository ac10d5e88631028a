"""Run in the guest: `python -m tests.qemu.main PROFILE`, the main process's end of the gates with a script in the
line's place. The link, the gate process that it starts and all below it are the device's own.

Standard input: `open`, one pulse of seconds. Standard output: JSON lines; standard error: what ended it, as a service.
"""

import json
import os
import select
import sys
from pathlib import Path

from edge.clock import now_ns
from edge.config import load_profile
from edge.datapath import BeltSample, EmergencyStop, GatePulse, Outcome
from edge.errors import GateFault
from edge.sort.link import GateProcess, gate_settings

GATE = "red_0"
SECONDS = 3
STEP_S = 0.005


def say(what: str, **more: object) -> None:
    sys.stdout.write(json.dumps({"what": what, **more}) + "\n")
    sys.stdout.flush()


def main(profile: str) -> int:
    settings = gate_settings(load_profile(Path(profile)))
    try:
        gates = GateProcess(settings)
        say("ready", gate_pid=gates.pid)
        serve(gates, settings.speed_um_s)
    except GateFault as fault:
        sys.stderr.write(f"{fault}\n")
        return fault.exit_status
    return 0


def serve(gates: GateProcess, speed_um_s: int) -> None:
    os.set_blocking(0, False)
    belt_um = number = 0
    while True:
        gates.beat()
        for event in gates.events(now_ns()):
            if isinstance(event, BeltSample):
                belt_um = event.belt_um
            elif isinstance(event, EmergencyStop):
                say("stop", pressed=event.pressed)
            elif isinstance(event, Outcome):
                say("outcome", result=event.result)
        if select.select([0], [], [], STEP_S)[0]:
            asked = os.read(0, 1024)
            if not asked:
                gates.close()
                return
            number += 1
            opens_um = belt_um + speed_um_s // 5
            closes_um = opens_um + SECONDS * speed_um_s
            gates.submit(GatePulse(str(number), GATE, opens_um, closes_um, 0, 0))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
