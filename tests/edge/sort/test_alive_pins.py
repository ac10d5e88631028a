"""The lines that say that the gate process lives."""

import pytest
from gpiozero import InputDevice
from gpiozero.pins.mock import MockFactory

from edge.errors import GateFault
from edge.sort.alive_pins import AlivePins
from edge.sort.encoder import VirtualEncoder
from edge.sort.keeper import GateKeeper
from edge.sort.link import gate_settings
from edge.sort.wire import OnLine, from_line, to_line
from tests.edge.profiles import demo
from tests.edge.sort.fakes import MS, SPEED_UM_S, Pins, Said, settings


class Relay:
    """Drops where its line has stood for longer than a tenth of a second."""

    def __init__(self):
        self.beats: list[int] = []
        self.now_ns = 0

    def beat(self):
        self.beats.append(self.now_ns)

    def holds(self, at_ns):
        return bool(self.beats) and at_ns - self.beats[-1] <= 100 * MS


def run(keeper, relay, until_ms, beat_until_ms):
    for ms in range(0, until_ms, 5):
        relay.now_ns = ms * MS
        if 50 <= ms <= beat_until_ms:
            keeper.beat(ms * MS)
        keeper.step(ms * MS)


def test_the_relay_holds_while_both_are_well_and_drops_with_the_heartbeat():
    relay = Relay()
    keeper = GateKeeper(settings(heartbeat_ns=100 * MS), Pins(), VirtualEncoder(SPEED_UM_S), Said(), alive=relay)
    run(keeper, relay, 1_000, beat_until_ms=600)
    assert relay.beats[0] >= 50 * MS
    assert all(after - before <= 20 * MS for before, after in zip(relay.beats, relay.beats[1:], strict=False))
    assert relay.holds(700 * MS)
    assert not relay.holds(600 * MS + 200 * MS + 1)


def test_a_hold_of_the_gates_leaves_the_relay_alone():
    relay = Relay()
    keeper = GateKeeper(settings(heartbeat_ns=10_000 * MS), Pins(), VirtualEncoder(SPEED_UM_S), Said(), alive=relay)
    keeper.hold(True, 0)
    run(keeper, relay, 500, beat_until_ms=500)
    assert relay.holds(500 * MS)


def test_the_line_beats_between_its_levels_and_ends_low_and_the_others_are_high_meanwhile():
    factory = MockFactory()
    pins = AlivePins(13, (OnLine("strobe", 19), OnLine("trigger", 14)), factory)
    seen = []
    for _ in range(4):
        seen.append([int(factory.pin(pin).state) for pin in (13, 19, 14)])
        pins.beat()
    assert seen == [[0, 1, 1], [1, 1, 1], [0, 1, 1], [1, 1, 1]]
    ended = []
    for device in pins._devices:
        device.close = lambda device=device: ended.append(int(device.pin.state))
    pins.close()
    assert ended == [0, 0, 0]


def test_a_busy_line_is_a_fault_that_names_it_and_the_others_are_given_back():
    factory = MockFactory()
    fault = r"\[camera\] strobe_pin = 19: cannot be claimed: .*already in use"
    with InputDevice(19, pin_factory=factory), pytest.raises(GateFault, match=fault):
        AlivePins(13, (OnLine("strobe", 19),), factory)
    AlivePins(13, (), factory).close()


def test_the_gate_process_is_told_of_them_by_the_profile():
    told = gate_settings(demo(safety={"alive_pin": 13}, camera={"strobe_pin": 19, "trigger_pin": 14}))
    assert (told.alive, told.on) == (13, (OnLine("strobe", 19), OnLine("trigger", 14)))
    assert from_line(to_line(told)) == told
