"""ports.GatePins: the same claims on gpiozero's own mock factory and on the simulator's."""

import tempfile
from pathlib import Path

import pytest
from gpiozero import GPIOPinInUse, OutputDevice
from gpiozero.pins.mock import MockFactory

from edge.clock import now_ns
from edge.errors import GateFault
from edge.sort.gpio import GpiozeroPins
from edge.sort.wire import GateLine
from sim.pins import SOCKET_VARIABLE, SimFactory
from sim.wires import Wires

HIGH = GateLine("red_0", 17, True, 500_000_000)
LOW = GateLine("green_0", 24, False, 500_000_000)


@pytest.fixture(params=["gpiozero's mock", "the simulator's"])
def factory(request, monkeypatch):
    if request.param == "gpiozero's mock":
        made = MockFactory()
        yield made
        made.close()
        return
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        world = Wires(Path(folder) / "pins")
        monkeypatch.setenv(SOCKET_VARIABLE, str(Path(folder) / "pins"))
        made = SimFactory()
        yield made
        made.close()
        world.close()


@pytest.fixture
def pins(factory):
    made = GpiozeroPins([HIGH, LOW], factory=factory)
    yield made
    made.close()


def levels(factory):
    return [factory.pin(gate.pin).state for gate in (HIGH, LOW)]


def test_every_line_starts_at_its_released_level(factory, pins):
    assert levels(factory) == [0, 1]
    assert [factory.pin(gate.pin).function for gate in (HIGH, LOW)] == ["output", "output"]


def test_a_line_that_cannot_be_driven_is_a_gate_fault_with_its_name(factory, pins):
    factory.pin(17).close()
    with pytest.raises(GateFault, match=r"\[gates\.red_0\] pin .*17: cannot be driven: "):
        pins.command("red_0", True)


def test_a_command_drives_its_own_line_to_its_active_level(factory, pins):
    pins.command("green_0", True)
    assert levels(factory) == [0, 0]
    pins.command("red_0", True)
    assert levels(factory) == [1, 0]
    pins.command("green_0", False)
    assert levels(factory) == [1, 1]


def test_a_command_answers_with_the_instant_of_its_edge(pins):
    before_ns = now_ns()
    assert before_ns <= pins.command("red_0", True) <= now_ns()


def test_release_all_releases_every_line_and_may_be_called_at_any_time(factory, pins):
    pins.release_all()
    pins.command("red_0", True)
    pins.command("green_0", True)
    pins.release_all()
    assert levels(factory) == [0, 1]
    pins.close()
    pins.release_all()


def test_a_line_that_fails_does_not_keep_the_others_from_being_released(factory, pins):
    pins.command("red_0", True)
    pins.command("green_0", True)
    factory.pin(HIGH.pin).function = "input"  # setting an input's level raises
    pins.release_all()
    assert factory.pin(LOW.pin).state == 1


def test_closing_gives_the_lines_back(factory, pins):
    pins.command("red_0", True)
    pins.close()
    again = GpiozeroPins([HIGH, LOW], factory=factory)
    assert levels(factory) == [0, 1]
    again.close()


def test_a_busy_line_is_a_fault_that_names_it_and_nothing_is_kept(factory):
    with OutputDevice(LOW.pin, pin_factory=factory):
        with pytest.raises(GateFault, match=r"\[gates.green_0\] pin = 24: cannot be claimed: .*already in use"):
            GpiozeroPins([HIGH, LOW], factory=factory)
        with pytest.raises(GPIOPinInUse):
            OutputDevice(LOW.pin, pin_factory=factory)
    GpiozeroPins([HIGH, LOW], factory=factory).close()


def test_a_line_that_the_board_lacks_is_a_fault_that_names_it(factory):
    with pytest.raises(GateFault, match=r"\[gates.far\] pin = 99: cannot be claimed"):
        GpiozeroPins([GateLine("far", 99, True, 1)], factory=factory)
