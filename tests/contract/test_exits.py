"""ports.ExitSensors: the same claims on gpiozero's mock lines, the simulator's, and the fast simulator's world."""

import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from gpiozero import InputDevice
from gpiozero.pins.mock import MockFactory

from edge.clock import from_monotonic_ns, now_ns, sleep_until
from edge.errors import GateFault
from edge.sort.exit_pins import PinExits
from edge.sort.wire import ExitLine
from sim.exits import ExitSensors
from sim.fast_gates import FastExits
from sim.pins import SOCKET_VARIABLE, SimFactory
from sim.wires import Wires
from tests.edge.profiles import demo
from tests.edge.sort.fakes import MS

DEMO = demo()
PINS = {"red_0": 7, "red_1": 8}
PROFILE = DEMO.model_copy(
    update={"gates": {n: g.model_copy(update={"exit_pin": PINS.get(n)}) for n, g in DEMO.gates.items()}}
)
LINES = [ExitLine(gate, pin) for gate, pin in PINS.items()]
WITHIN_NS = 10_000 * MS


def fallen(at_ns, *gates):
    """Sensors behind which fruit land, one 5 ms after the other."""
    sensors = ExitSensors(PROFILE)
    for n, gate in enumerate(gates):
        sensors.fell(gate, at_ns + n * 5 * MS, bounces=False)
    return sensors


class Mock:
    """gpiozero's own lines: each edge is put on its pin with its stamp, as lgpio's thread does."""

    def __init__(self):
        self._factory = MockFactory()
        self.exits = PinExits(LINES, self._factory)

    def show(self, sensors, until_ns):
        for edge in sensors.until(until_ns):
            pin = self._factory.pin(edge.line)
            pin._state = bool(edge.level)
            pin._last_change = (edge.at_ns - from_monotonic_ns(0)) / 1e9
            pin._call_when_changed()

    def close(self):
        self.exits.close()


class Simulated:
    """The simulator's lines: edges cross a socket ahead of their instants."""

    def __init__(self, folder, monkeypatch):
        self._wires = Wires(Path(folder) / "pins")
        monkeypatch.setenv(SOCKET_VARIABLE, str(Path(folder) / "pins"))
        self._factory = SimFactory()
        self.exits = PinExits(LINES, self._factory)

    def show(self, sensors, until_ns):
        deadline_ns = now_ns() + WITHIN_NS
        while self._wires._device is None and now_ns() < deadline_ns:
            sleep_until(now_ns() + MS)
        self._wires.tell(sensors.until(until_ns))
        sleep_until(until_ns + 30 * MS)

    def close(self):
        self.exits.close()
        self._factory.close()
        self._wires.close()


class Fast:
    """The fast simulator's, with a world in which only the sensors are."""

    def __init__(self):
        self.world = SimpleNamespace(advance=lambda at_ns: None)
        self.exits = FastExits(PROFILE, self.world)

    def show(self, sensors, until_ns):
        self.world.exits = sensors

    def close(self):
        pass


MADE = {"gpiozero's mock": lambda *_: Mock(), "the simulator's": Simulated, "the fast simulator's": lambda *_: Fast()}


@pytest.fixture(params=MADE)
def place(request, monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        made = MADE[request.param](folder, monkeypatch)
        yield made
        made.close()


def test_each_fall_is_told_once_with_its_gate_and_the_stamps_of_both_its_edges(place):
    at_ns = now_ns() + 50 * MS
    place.show(fallen(at_ns, "red_1", "red_0"), at_ns + 60 * MS)
    told = list(place.exits.falls(max(now_ns(), at_ns + 60 * MS)))
    assert [(fall.gate, fall.ended) for fall in told] == [
        ("red_1", False),
        ("red_0", False),
        ("red_1", True),
        ("red_0", True),
    ]
    after_ms = [(fall.at_ns - at_ns) / MS for fall in told]
    assert after_ms == pytest.approx([0, 5, 40, 45], abs=0.01)
    assert list(place.exits.falls(now_ns() + 1_000 * MS)) == []


def test_a_line_that_cannot_be_had_is_a_fault_that_names_it():
    factory = MockFactory()
    with InputDevice(8, pin_factory=factory), pytest.raises(GateFault, match=r"\[gates.red_1\] exit_pin = 8: cannot"):
        PinExits(LINES, factory)
    PinExits(LINES, factory).close()
