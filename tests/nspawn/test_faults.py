"""What befalls the service under systemd: each time its lines fall, it comes back in the safe state, and sorts anew."""

import signal
from collections.abc import Callable

import pytest

from edge import clock
from edge.datapath import BELT_END
from sim.wires import Edge, Lost
from tests.nspawn.line import Line, S


def high(edges: list[Edge | Lost]) -> set[int]:
    lines: set[int] = set()
    for edge in edges:
        if isinstance(edge, Lost):
            lines.clear()
        elif edge.level:
            lines.add(edge.line)
        else:
            lines.discard(edge.line)
    return lines


def wait_for_an_open_gate(line: Line) -> None:
    line.until(lambda: high(line.edges), 30, "a gate is open", every_ns=S // 100)


def sorts_rightly_again(line: Line) -> None:
    line.sorts(60)
    line.until(lambda: len(line.passages()) >= 4, 60, "four fruit have passed")
    route = line.profile.route
    assert [one for one in line.passages() if one.fell not in (route[one.fruit.label], BELT_END)] == []


def befalls(line: Line, harm: Callable[[], object]) -> list[Edge | Lost]:
    """Do it while a gate is open; the edges from then until the next run has claimed its lines."""
    line.sorts()
    wait_for_an_open_gate(line)
    restarts, seen = int(line.show("NRestarts")["NRestarts"]), len(line.edges)
    harm()
    line.until(lambda: int(line.show("NRestarts")["NRestarts"]) > restarts, 30, "systemd starts it again")
    line.sorts(60)
    return line.edges[seen:]


def claimed_low(line: Line, edges: list[Edge | Lost]) -> bool:
    """Whether the line fell, and each was low when it was claimed again."""
    lost = next(n for n, edge in enumerate(edges) if isinstance(edge, Lost))
    first = {edge.line: edge.level for edge in reversed(edges[lost:]) if isinstance(edge, Edge)}
    return first == {gate.pin: 0 for gate in line.profile.gates.values()}


@pytest.mark.parametrize("victim", ["main", "gates"])
def test_a_process_that_is_killed_drops_its_lines_and_comes_back_safe(line: Line, victim: str) -> None:
    edges = befalls(line, lambda: line.machine.run("kill", "-KILL", getattr(line, victim)()))
    assert claimed_low(line, edges)
    sorts_rightly_again(line)


def test_a_main_process_that_hangs_is_killed_by_the_watchdog_with_its_gates_shut_before(line: Line) -> None:
    at_ns = clock.now_ns()
    edges = befalls(line, lambda: line.machine.run("kill", f"-{signal.SIGSTOP}", line.main()))
    lost = next(n for n, edge in enumerate(edges) if isinstance(edge, Lost))
    assert not high(edges[:lost])  # by the gate process, which missed main's heartbeat
    assert claimed_low(line, edges)
    told = line.machine.run("journalctl", "--no-pager", "--output=cat", "-u", "sorter").stdout
    assert "Watchdog timeout" in told
    assert clock.now_ns() > at_ns
    sorts_rightly_again(line)


def test_a_camera_that_is_unplugged_holds_the_gates_until_it_is_back(line: Line) -> None:
    line.sorts()
    unplugged = line.machine.shared / "unplugged"
    wait_for_an_open_gate(line)
    unplugged.touch()
    try:
        line.until(lambda: line.show("StatusText")["StatusText"] == "in the safe state", 30, "it is in the safe state")
        assert not high(line.edges)
        seen = len(line.edges)
        clock.sleep_until(clock.now_ns() + 3 * S)
        assert not any(isinstance(edge, Edge) and edge.level for edge in line.edges[seen:])
    finally:
        unplugged.unlink()
    sorts_rightly_again(line)
