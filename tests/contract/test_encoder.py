"""ports.Encoder: the same claims on gpiozero's mock lines, the simulator's, and the fast simulator's wheel."""

import tempfile
from pathlib import Path

import pytest
from gpiozero import InputDevice
from gpiozero.pins.mock import MockFactory

from edge.clock import from_monotonic_ns, now_ns, sleep_until
from edge.config import Encoder
from edge.errors import GateFault
from edge.sort.encoder import VirtualEncoder
from edge.sort.encoder_pins import PinEncoder
from edge.sort.wire import EncoderLines
from sim.fast_encoder import FastEncoder
from sim.motion import Belt, Step
from sim.pins import SOCKET_VARIABLE, SimFactory
from sim.wheel import Wheel
from sim.wires import Wires

MS = 1_000_000
WITHIN_NS = 10_000 * MS
RAMP = (Step(400, 0.05, 500), Step(450, 0.1, 500))
"""Faster by 50 mm/s within a tenth of a second, and held."""


def lines(pin_b=21):
    return EncoderLines(20, pin_b, 500, 200_000)


class Mock:
    """gpiozero's own lines: each edge is put on its pin with its stamp, as lgpio's thread does."""

    def __init__(self):
        self.factory = MockFactory()

    def show(self, wheel, until_ns):
        for edge in wheel.until(until_ns):
            pin = self.factory.pin(edge.line)
            pin._state = bool(edge.level)
            pin._last_change = (edge.at_ns - from_monotonic_ns(0)) / 1e9
            pin._call_when_changed()

    def close(self):
        self.factory.close()


class Simulated:
    """The simulator's lines: edges cross a socket ahead of their instants."""

    def __init__(self, folder, monkeypatch):
        self.wires = Wires(Path(folder) / "pins")
        monkeypatch.setenv(SOCKET_VARIABLE, str(Path(folder) / "pins"))
        self.factory = SimFactory()

    def show(self, wheel, until_ns):
        deadline_ns = now_ns() + WITHIN_NS
        while self.wires._device is None and now_ns() < deadline_ns:
            sleep_until(now_ns() + MS)
        self.wires.tell(wheel.until(until_ns))
        sleep_until(until_ns + 30 * MS)

    def close(self):
        self.factory.close()
        self.wires.close()


@pytest.fixture(params=["gpiozero's mock", "the simulator's"])
def world(request, monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        made = Mock() if request.param == "gpiozero's mock" else Simulated(folder, monkeypatch)
        yield made
        made.close()


def told(pin_b):
    return Encoder(pin_a=20, pin_b=pin_b, um_per_edge=500)


@pytest.mark.parametrize("pin_b", [None, 21])
def test_travel_and_speed_are_the_belts_at_the_stamps_of_its_edges(world, pin_b):
    encoder = PinEncoder(lines(pin_b), world.factory)
    start_ns = now_ns()
    belt = Belt(400, start_ns, RAMP)
    first = encoder.sample(now_ns())
    world.show(Wheel(told(pin_b), 500, (), belt), start_ns + 140 * MS)
    sample = encoder.sample(max(now_ns(), start_ns + 150 * MS))
    encoder.close()
    assert (first.belt_um, first.speed_um_s) == (0, 0)
    # Up to a period is lost where the pull-up's level was not the wheel's.
    assert belt.travel_mm(sample.at_ns) * 1000 - sample.belt_um == pytest.approx(0, abs=2_100)
    assert sample.belt_um % 500 == 0
    assert abs(sample.speed_um_s - 443_000) < 10_000


def test_the_fast_simulators_wheel_says_the_same():
    belt = Belt(400, 0, RAMP)
    sample = FastEncoder(lines(), Wheel(told(21), 500, (), belt)).sample(140 * MS)
    assert belt.travel_mm(sample.at_ns) * 1000 - sample.belt_um == pytest.approx(0, abs=1)
    assert abs(sample.speed_um_s - 443_000) < 5_000


@pytest.mark.parametrize("make", [lambda: VirtualEncoder(600_000), lambda: PinEncoder(lines(), MockFactory())])
def test_a_reading_is_never_of_later_than_it_was_asked_for_and_never_goes_back(make):
    encoder = make()
    samples = [encoder.sample(at_ns) for at_ns in range(10**9, 2 * 10**9, 10**8)]
    assert all(sample.at_ns <= at_ns for sample, at_ns in zip(samples, range(10**9, 2 * 10**9, 10**8), strict=True))
    assert [sample.belt_um for sample in samples] == sorted(sample.belt_um for sample in samples)


def test_a_busy_line_is_a_fault_that_names_it_and_nothing_is_kept(world):
    fault = r"\[encoder\] pin_b = 21: cannot be claimed: .*already in use"
    with InputDevice(21, pin_factory=world.factory), pytest.raises(GateFault, match=fault):
        PinEncoder(lines(), world.factory)
    PinEncoder(lines(), world.factory).close()
