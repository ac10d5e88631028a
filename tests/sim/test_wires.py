"""The world's end of the wires."""

import json
import socket
import tempfile
from pathlib import Path

import pytest

from edge import clock
from sim.wires import Edge, Lost, Wires


@pytest.fixture
def wires():
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        wires = Wires(Path(folder) / "pins")
        yield wires, str(Path(folder) / "pins")
        wires.close()


def connect(path: str) -> socket.socket:
    hand = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    hand.connect(path)
    return hand


def say(line: int, level: int, at_ns: int) -> bytes:
    return json.dumps({"line": line, "level": level, "at_ns": at_ns}).encode() + b"\n"


def hear(wires: Wires, count: int) -> list:
    deadline = clock.now_ns() + 10_000_000_000
    heard: list = []
    while len(heard) < count and clock.now_ns() < deadline:
        heard += wires.take()
    return heard


def test_edges_arrive_with_the_devices_own_stamps(wires):
    end, path = wires
    with connect(path) as hand:
        hand.sendall(say(17, 1, 5) + say(17, 0, 9))
        assert hear(end, 2) == [Edge(5, 17, 1), Edge(9, 17, 0)]


def test_an_edge_cut_in_two_by_the_socket_is_one_edge(wires):
    end, path = wires
    with connect(path) as hand:
        whole = say(17, 1, 5)
        hand.sendall(whole[:10])
        assert end.take() == []
        hand.sendall(whole[10:])
        assert hear(end, 1) == [Edge(5, 17, 1)]


def test_a_lost_connection_is_stamped_at_its_arrival_after_the_last_edge(wires):
    end, path = wires
    before = clock.now_ns()
    with connect(path) as hand:
        hand.sendall(say(17, 1, 5))
    edge, lost = hear(end, 2)
    assert edge == Edge(5, 17, 1)
    assert isinstance(lost, Lost)
    assert before < lost.at_ns <= clock.now_ns()


def test_the_next_gate_process_is_heard_after_the_first_has_gone(wires):
    end, path = wires
    with connect(path) as hand:
        hand.sendall(say(17, 1, 5))
    with connect(path) as hand:
        hand.sendall(say(18, 0, 7))
        heard = hear(end, 3)
    assert [type(each) for each in heard] == [Edge, Lost, Edge]


def test_input_edges_go_to_whoever_drives_the_lines_now(wires):
    world, path = wires
    world.tell([Edge(1, 20, 1)])  # nobody is there: lost
    for first in (2, 4):
        hand = connect(path)
        deadline = clock.now_ns() + 10_000_000_000
        while world._device is None and clock.now_ns() < deadline:
            clock.sleep_until(clock.now_ns() + 1_000_000)
        world.tell([Edge(first, 20, 1), Edge(first + 1, 20, 0)])
        with hand.makefile("rb") as lines:
            heard = [json.loads(lines.readline()) for _ in range(2)]
        assert heard == [{"line": 20, "level": 1, "at_ns": first}, {"line": 20, "level": 0, "at_ns": first + 1}]
        hand.close()
        while world._device is not None and clock.now_ns() < deadline:
            clock.sleep_until(clock.now_ns() + 1_000_000)
