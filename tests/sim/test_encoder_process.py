"""The encoder end to end: the world's wheel, the simulator's lines, the gate process, and its belt samples."""

import math
import os
import tempfile
from pathlib import Path

import pytest

from edge.clock import now_ns, sleep_until
from edge.config import Encoder
from edge.datapath import BeltSample
from edge.sort.link import GateProcess, gate_settings
from sim.motion import Belt, Step
from sim.pins import SOCKET_VARIABLE
from sim.wheel import Wheel
from sim.wires import Wires
from tests.edge.profiles import demo

MS = 1_000_000
PROFILE = demo().model_copy(update={"encoder": Encoder(pin_a=20, pin_b=21, um_per_edge=500)})
PROGRAM = (Step(500, 0.5, 500), Step(600, 0.3, 500))
SLIP = 0.05


@pytest.mark.live
def test_the_gate_process_follows_a_ramp_and_a_correction_of_its_encoder():
    heard: list[BeltSample] = []
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        wires = Wires(Path(folder) / "pins")
        env = {**os.environ, "GPIOZERO_PIN_FACTORY": "sim", SOCKET_VARIABLE: str(Path(folder) / "pins")}
        gates = GateProcess(gate_settings(PROFILE), env=env)
        deadline_ns = now_ns() + 10_000 * MS
        while not wires.take() and now_ns() < deadline_ns:  # its lines: the world hears it
            sleep_until(now_ns() + MS)
        start_ns = now_ns() + 50 * MS
        belt = Belt(500, start_ns, PROGRAM)
        wheel = Wheel(PROFILE.encoder, 500, ((0, math.inf, SLIP),), belt)
        gates.scale(round(1_000_000 / (1 - SLIP)))
        while (at_ns := now_ns()) < start_ns + 1_200 * MS:
            wires.tell(wheel.until(at_ns + 100 * MS))
            gates.beat()
            heard += [said for said in gates.events(at_ns) if isinstance(said, BeltSample)]
            sleep_until(at_ns + 10 * MS)
        gates.close()
        wires.close()
    moving = [sample for sample in heard if sample.at_ns > start_ns + 150 * MS]
    assert len(moving) > 20
    behind_mm = [belt.travel_mm(sample.at_ns) - sample.belt_um / 1000 for sample in moving]
    assert max(behind_mm) - min(behind_mm) < 0.5
    assert abs(behind_mm[0]) < 2.5
    for sample in moving:
        truth = (belt.travel_mm(sample.at_ns + MS) - belt.travel_mm(sample.at_ns - MS)) * 500_000
        assert abs(sample.speed_um_s - truth) < 0.02 * truth
