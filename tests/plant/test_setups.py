"""The broker set-ups that ship, in real mosquittos: the desk's, and the bridge from a plant to headquarters."""

import getpass
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from edge.clock import now_ns, sleep_until
from plant.broker import SETUPS
from plant.office import Office
from sim.broker import start_broker
from tests.plant.mosquitto import ADMIN, PATH, Member, a_plant, free_port, listens, set_up, wait

pytestmark = [pytest.mark.slow]

MACHINE = "sorter/v1/packing/line-1"


def own_address() -> str | None:
    """An address of this computer that is not the loopback. No packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return None
        address = str(probe.getsockname()[0])
        return None if address.startswith("127.") else address


@pytest.mark.parametrize("name", [pytest.param("mosquitto", marks=pytest.mark.mosquitto), "amqtt"])
def test_the_desks_broker_cannot_be_reached_from_outside(name):
    address = own_address()
    if address is None:
        pytest.skip("this computer has no address but the loopback")
    broker = start_broker(prefer=(name,))
    with socket.socket() as probe:
        probe.settimeout(1.0)
        assert probe.connect_ex((address, broker.port)) != 0
        assert listens(broker.port)
    broker.stop()


@pytest.mark.mosquitto
def test_the_demo_set_up_serves_the_loopback_alone(tmp_path: Path):
    ports = {1883: free_port(), 9001: free_port()}
    text = (SETUPS / "demo.conf").read_text(encoding="utf-8")
    for port, own in ports.items():
        text = text.replace(f"listener {port} ", f"listener {own} ")
    assert all(line.split()[2] == "127.0.0.1" for line in text.splitlines() if line.startswith("listener"))
    (tmp_path / "demo.conf").write_text(f"{text}user {getpass.getuser()}\n", encoding="utf-8")
    program = shutil.which("mosquitto", path=PATH)
    assert program
    with subprocess.Popen([program, "-c", str(tmp_path / "demo.conf")], stderr=subprocess.DEVNULL) as process:
        wait(lambda: all(listens(port) for port in ports.values()))
        process.terminate()


@pytest.fixture
def headquarters(tmp_path: Path):
    office = Office(tmp_path / "hq")
    office.init("hq", ["localhost", "127.0.0.1"])
    office.user("packing", "bridge")
    office.user("wall", "dashboard")
    broker = set_up(tmp_path / "hq")
    broker.start()
    yield broker
    broker.stop()


@pytest.mark.mosquitto
def test_what_machines_say_reaches_headquarters_and_no_command_passes_either_way(headquarters, tmp_path: Path):
    bridge = (SETUPS / "bridge.conf").read_text(encoding="utf-8")
    bridge = bridge.replace("hq.example.org:8883", f"localhost:{headquarters.ports['password']}")
    bridge = bridge.replace("PASSWORD", headquarters.password("packing"))
    bridge = bridge.replace("/etc/mosquitto/sorter/headquarters-ca.crt", str(headquarters.folder / "ca/ca.crt"))
    with a_plant(tmp_path / "office", more=bridge) as plant:
        wall, chief = Member(headquarters, "wall"), Member(headquarters, ADMIN)
        machine, anna = Member(plant, "line-1"), Member(plant, "anna")
        wall.subscribe("#")
        machine.subscribe(f"{MACHINE}/cmd/+/+")
        said = [
            f"{MACHINE}/{topic}" for topic in ("status", "info", "metrics", "tracks", "gap", "labels", "alarm/overload")
        ]
        deadline_ns = now_ns() + 10_000_000_000
        while not wall.heard and now_ns() < deadline_ns:  # until the bridge stands
            machine.publish(said[0])
            sleep_until(now_ns() + 100_000_000)
        for topic in said[1:]:
            machine.publish(topic)
        anna.publish(f"{MACHINE}/cmd/anna/feed")
        chief.publish(f"{MACHINE}/cmd/anna/feed", b"from headquarters")
        machine.publish(said[-1], b"last")
        wait(lambda: (said[-1], b"last") in wall.heard)
        machine.subscribe("the/end")
        heard = {topic for topic, payload in wall.heard if payload != b"from headquarters"}
        for one in (wall, chief, machine, anna):
            one.close()
    assert heard == set(said)
    assert machine.heard == [(f"{MACHINE}/cmd/anna/feed", b"x")]
