"""ports.GateLink.ask, from main to the feeder's line: the gate process in real time. In virtual time: tests/sim."""

import os

import pytest

from edge.clock import now_ns, sleep_until
from edge.datapath import Feed
from edge.sort.link import GateProcess, gate_settings
from sim.pins import SOCKET_VARIABLE
from sim.wires import Edge, Lost, Wires
from tests.edge.profiles import demo
from tests.edge.sort.fakes import MS

PIN = 16
PROFILE = demo(safety={"heartbeat_ms": 1_000}, feed={"inhibit_pin": PIN})
WITHIN_NS = 20_000 * MS


@pytest.mark.live
def test_the_feeder_waits_until_main_lets_it_go_and_again_when_the_process_has_ended(tmp_path):
    wires = Wires(tmp_path / "pins")
    env = {**os.environ, "GPIOZERO_PIN_FACTORY": "sim", SOCKET_VARIABLE: str(tmp_path / "pins")}
    link = GateProcess(gate_settings(PROFILE), env=env)
    levels: list[int | None] = []

    def until(level):
        end_ns = now_ns() + WITHIN_NS
        while levels[-1:] != [level]:
            assert now_ns() < end_ns, levels
            link.beat()
            heard = wires.take()
            levels.extend(e.level for e in heard if isinstance(e, Edge) and e.line == PIN)
            levels.extend(None for e in heard if isinstance(e, Lost))
            sleep_until(now_ns() + 2 * MS)

    until(1)
    link.ask(Feed(inhibit=False, slow=False))
    until(0)
    link.hold(True)
    until(1)
    link.hold(False)
    until(0)
    link.close()
    end_ns = now_ns() + WITHIN_NS
    while None not in levels and now_ns() < end_ns:
        heard = wires.take()
        levels.extend(e.level if isinstance(e, Edge) else None for e in heard if isinstance(e, Lost) or e.line == PIN)
        sleep_until(now_ns() + 2 * MS)
    wires.close()
    assert levels == [1, 0, 1, 0, 1, None]
