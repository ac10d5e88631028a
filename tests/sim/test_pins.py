"""The simulator's pin factory, with a bare socket in the world's place."""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from gpiozero import BadPinFactory, DigitalInputDevice, OutputDevice

from edge.clock import now_ns, sleep_until
from edge.errors import GateFault
from edge.sort.link import GateProcess
from edge.sort.wire import GateLine
from sim.pins import SOCKET_VARIABLE, SimFactory
from sim.wires import Edge, Lost, Wires
from tests.edge.sort.fakes import MS, SPEED_UM_S, pulse, settings

WITHIN_S = 20.0
GATES = (GateLine("red_0", 17, True, 60_000 * MS), GateLine("green_0", 24, True, 60_000 * MS))


class World:
    """The world's end: reads what the device's lines do, and drives its inputs."""

    def __init__(self, connection):
        self.connection = connection
        connection.settimeout(WITHIN_S)
        self.lines = connection.makefile("r", encoding="utf-8")

    def hear(self):
        return json.loads(self.lines.readline())

    def drive(self, *edges):
        lines = (json.dumps({"line": line, "level": level, "at_ns": at_ns}) for line, level, at_ns in edges)
        self.connection.sendall("".join(f"{line}\n" for line in lines).encode())

    def close(self):
        self.lines.close()
        self.connection.close()


@contextmanager
def wired(monkeypatch):
    """A factory and its world."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder, socket.socket(socket.AF_UNIX) as listener:
        path = str(Path(folder) / "pins")
        listener.bind(path)
        listener.listen(1)
        monkeypatch.setenv(SOCKET_VARIABLE, path)
        factory = SimFactory()
        world = World(listener.accept()[0])
        try:
            yield factory, world
        finally:
            factory.close()
            world.close()


@pytest.fixture
def wires(monkeypatch):
    with wired(monkeypatch) as (factory, world):
        yield factory, world


def test_a_line_says_its_level_as_it_is_set_up_and_at_every_edge(wires):
    factory, world = wires
    before_ns = now_ns()
    with OutputDevice(17, pin_factory=factory) as gate:
        gate.on()
        gate.on()
        gate.off()
        heard = [world.hear() for _ in range(3)]
    assert [(edge["line"], edge["level"]) for edge in heard] == [(17, 0), (17, 1), (17, 0)]
    stamps = [edge["at_ns"] for edge in heard]
    assert before_ns <= stamps[0] <= stamps[1] <= stamps[2] <= now_ns()


def test_a_line_that_opens_on_low_is_never_low_while_it_is_set_up(wires):
    factory, world = wires
    with OutputDevice(18, active_high=False, pin_factory=factory) as gate:
        gate.on()
        assert [world.hear()["level"] for _ in range(2)] == [1, 0]


def test_an_input_edge_comes_when_it_is_due_on_a_thread_of_its_own(wires):
    factory, world = wires
    with DigitalInputDevice(22, pin_factory=factory) as sensor:
        seen, came = [], threading.Event()

        def note():
            seen.append((now_ns(), threading.current_thread().name))
            came.set()

        sensor.when_activated = note
        due_ns = now_ns() + 50_000_000
        world.drive((22, 1, due_ns))
        assert came.wait(WITHIN_S)
        ((at_ns, thread),) = seen
        assert at_ns >= due_ns
        assert thread == "sim-pins"


def test_input_edges_are_applied_in_the_order_in_which_they_are_due(wires):
    factory, world = wires
    with DigitalInputDevice(22, pin_factory=factory) as first, DigitalInputDevice(23, pin_factory=factory) as second:
        seen, came = [], threading.Event()
        first.when_activated = lambda: (seen.append(22), came.set())
        second.when_activated = lambda: seen.append(23)
        now = now_ns()
        world.drive((22, 1, now + 40_000_000), (23, 1, now + 20_000_000))
        assert came.wait(WITHIN_S)
        assert seen == [23, 22]


def test_an_edge_for_an_output_changes_nothing(wires):
    factory, world = wires
    with OutputDevice(17, pin_factory=factory) as gate, DigitalInputDevice(22, pin_factory=factory) as sensor:
        came = threading.Event()
        sensor.when_activated = came.set
        world.drive((17, 1, 0), (22, 1, 0))
        assert came.wait(WITHIN_S)
        assert not gate.is_active


def test_a_world_that_dies_leaves_the_device_running(wires):
    factory, world = wires
    with OutputDevice(17, pin_factory=factory) as gate:
        world.close()
        for _ in range(1_000):
            gate.on()
            gate.off()
        gate.on()
        assert gate.is_active


def test_a_world_that_stops_reading_never_holds_a_gate_up(wires):
    factory, _ = wires
    with OutputDevice(17, pin_factory=factory) as gate:
        for _ in range(20_000):
            gate.on()
            gate.off()
        assert not gate.is_active


def test_a_world_that_talks_nonsense_loses_the_connection_and_nothing_else(wires):
    factory, world = wires
    with OutputDevice(17, pin_factory=factory) as gate:
        world.hear()
        world.connection.sendall(b"nonsense\n")
        assert world.lines.read() == ""
        gate.on()
        assert gate.is_active


def test_closing_the_factory_is_seen_by_the_world(wires):
    factory, world = wires
    factory.close()
    with suppress(ConnectionResetError):
        assert world.lines.read() == ""


def test_without_the_variable_it_says_what_is_missing(monkeypatch):
    monkeypatch.delenv(SOCKET_VARIABLE, raising=False)
    with pytest.raises(BadPinFactory, match="SORTER_SIM_PINS is not set"):
        SimFactory()


def test_without_a_world_it_says_where_it_looked(monkeypatch, tmp_path):
    monkeypatch.setenv(SOCKET_VARIABLE, str(tmp_path / "nobody"))
    with pytest.raises(BadPinFactory, match=r"nobody: no simulator answers there: No such file"):
        SimFactory()


def test_it_brings_no_heavy_library_into_the_gate_process():
    said = subprocess.run(
        [sys.executable, "-c", "import sys, sim.pins; print(*sys.modules)"], capture_output=True, text=True, check=True
    )
    assert not {"numpy", "cv2", "pydantic", "edge.config", "sim.world"} & set(said.stdout.split())


def hear(world, count, link=None):
    """The first `count` events at the world's end, while the main process is alive."""
    heard, end_ns = [], now_ns() + round(WITHIN_S * 1e9)
    while len(heard) < count:
        assert now_ns() < end_ns, heard
        if link:
            link.beat()
            list(link.events(now_ns()))
        heard += world.take()
        sleep_until(now_ns() + 5 * MS)
    return heard


@pytest.fixture
def machine():
    """The world's wires, and a gate process that holds them with a gate open; its start was seen."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        world = Wires(Path(folder) / "pins")
        env = {**os.environ, "GPIOZERO_PIN_FACTORY": "sim", SOCKET_VARIABLE: str(Path(folder) / "pins")}
        link = GateProcess(settings(gates=GATES, heartbeat_ns=1_000 * MS, late_um=1_200_000), env=env)
        link.beat()
        here_mm = now_ns() * SPEED_UM_S // 10**9 / 1000
        link.submit(pulse("run.1", open_mm=here_mm, close_mm=here_mm + 60_000, lead_ms=0))
        started = hear(world, 3, link)
        yield world, link, started
        link.close()
        world.close()


@pytest.mark.live
def test_the_gate_processs_lines_reach_the_world_released_first_and_then_as_they_are_driven(machine):
    world, link, started = machine
    assert [(edge.line, edge.level) for edge in started] == [(17, 0), (24, 0), (17, 1)]
    link.close()
    released, lost = hear(world, 2)
    assert (released.line, released.level) == (17, 0)
    assert isinstance(lost, Lost) and lost.at_ns >= released.at_ns


@pytest.mark.live
def test_a_killed_gate_process_is_a_lost_connection(machine):
    world, link, _ = machine
    os.kill(link.pid, signal.SIGKILL)
    assert [type(event) for event in hear(world, 1)] == [Lost]


@pytest.mark.live
@pytest.mark.slow
def test_a_silent_main_process_closes_the_gates(machine):
    world, link, _ = machine
    (released,) = hear(world, 1)
    assert isinstance(released, Edge) and (released.line, released.level) == (17, 0)
    with pytest.raises(GateFault, match="no heartbeat"):
        hear(world, 1, link)
