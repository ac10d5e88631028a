"""The simulated machine lent to another command: its camera, its wires and what is laid onto its belt."""

import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from gpiozero import BadPinFactory, InputDevice, OutputDevice

from edge import clock
from edge.capture.opening import open_camera
from edge.cli import main
from edge.errors import CameraFault
from sim.conveyor import Limit
from sim.lent import LentMachine, environment
from sim.pins import SimFactory
from sim.setup import prepare

WITHIN_NS = 20_000_000_000


@pytest.fixture(scope="module")
def setup():
    return prepare("e-stop", seed=1, limit=Limit(), perception="truth")


@pytest.fixture
def machine(setup, monkeypatch):
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        for name, value in environment(Path(folder)).items():
            monkeypatch.setenv(name, value)
        with closing(LentMachine(setup, Path(folder), clock.now_ns())) as lent:
            yield lent


def stepped(machine, until):
    deadline_ns = clock.now_ns() + WITHIN_NS
    while not (found := until()):
        assert clock.now_ns() < deadline_ns
        clock.sleep_until(min(machine.step(clock.now_ns()), clock.now_ns() + 2_000_000))
    return found


@pytest.mark.slow
def test_another_command_sees_through_its_camera_and_drives_its_gates(machine, setup):
    camera = setup.profile.camera
    gate = setup.profile.gates["red_0"]
    with closing(open_camera(camera, None)) as source:
        frame = stepped(machine, lambda: source.next_frame(clock.now_ns() + 1_000_000))
    assert frame.pixels.shape == (camera.height_px, camera.width_px, 3)
    with SimFactory() as factory:
        stop = InputDevice(setup.profile.safety.e_stop_pin, pull_up=True, pin_factory=factory)
        stepped(machine, lambda: stop.pin.state == 0)  # the contact is closed: nobody presses
        device = OutputDevice(gate.pin, pin_factory=factory)
        device.on()
        stepped(machine, lambda: machine.moved)
        assert [name for name, _ in machine.moved] == ["red_0"]
        device.close()


@pytest.mark.slow
def test_one_hand_at_a_time_drives_its_lines(machine):
    with SimFactory(), pytest.raises(BadPinFactory, match="GPIO busy"):
        SimFactory()
    SimFactory().close()


@pytest.mark.slow
def test_fruit_come_while_a_person_lays_them(machine):
    stepped(machine, lambda: machine.world.placed_at(clock.now_ns()))
    machine.lay("nothing", clock.now_ns())
    fed, until_ns = machine.world.feed.fed, clock.now_ns() + 300_000_000
    stepped(machine, lambda: clock.now_ns() > until_ns)
    assert machine.world.feed.fed == fed
    machine.lay("fruit", clock.now_ns())
    stepped(machine, lambda: machine.world.feed.fed > fed)


def test_a_camera_that_is_not_there_or_of_another_size_is_one_clear_line(setup, monkeypatch, tmp_path):
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(CameraFault, match="no simulator's camera"):
        open_camera(setup.profile.camera, None)
    (tmp_path / "ring").write_bytes(b"0" * 1000)
    with pytest.raises(CameraFault, match="another size"):
        open_camera(setup.profile.camera, None)


def test_what_a_lent_machine_has_no_device_for_is_refused(capsys, tmp_path):
    for more in (["--fast"], ["--report", str(tmp_path / "r.json")]):
        assert main(["sim", "clean", "--lend", *more]) == 2
        assert "--lend" in capsys.readouterr().err
