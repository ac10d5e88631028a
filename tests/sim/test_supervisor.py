"""The desk's systemd, in virtual time with a service made of paper; and one real process."""

import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from edge import clock
from sim.supervisor import Process, Supervisor, Unit

MS = 1_000_000


class Paper:
    """A service that does what the test says."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.told: list[str] = []
        self.obeys = True
        self.closed = False
        self.rest_asked_to_end = False

    def exit_status(self) -> int | None:
        return self.status

    def notices(self) -> list[str]:
        told, self.told = self.told, []
        return told

    def terminate(self) -> None:
        if self.obeys:
            self.status = 0

    def kill(self) -> None:
        self.status = -signal.SIGKILL

    def terminate_rest(self) -> None:
        self.rest_asked_to_end = True

    def close(self) -> None:
        self.closed = True


class Desk:
    """A supervisor, its clock and what was said."""

    def __init__(self, unit: Unit | None = None) -> None:
        self.runs: list[Paper] = []
        self.said: list[str] = []
        self.now_ms = 0
        self.supervisor = Supervisor(unit or Unit(), self.spawn, self.said.append)

    def spawn(self) -> Paper:
        self.runs.append(Paper())
        return self.runs[-1]

    def pass_ms(self, ms: int) -> None:
        for _ in range(0, ms, 5):
            self.supervisor.step(self.now_ms * MS)
            self.now_ms += 5

    def ready(self) -> Paper:
        self.pass_ms(10)
        self.runs[-1].told = ["READY=1", "STATUS=sorting"]
        self.pass_ms(10)
        assert self.supervisor.state == "running"
        return self.runs[-1]


def test_the_service_is_started_at_the_first_step_and_runs_when_it_says_so():
    desk = Desk()
    desk.pass_ms(5)
    assert desk.supervisor.state == "starting"
    desk.ready()
    assert desk.supervisor.restarts == 0


def test_a_service_that_tells_its_watchdog_is_left_alone():
    desk = Desk()
    service = desk.ready()
    for _ in range(20):
        service.told = ["WATCHDOG=1"]
        desk.pass_ms(250)
    assert len(desk.runs) == 1


def test_a_stopped_service_is_killed_at_its_watchdog_time_out_and_started_again():
    desk = Desk()
    service = desk.ready()
    desk.pass_ms(900)
    assert service.status is None
    desk.pass_ms(150)
    assert service.status == -signal.SIGKILL
    desk.pass_ms(250)
    assert len(desk.runs) == 2
    assert desk.said == ["the device fell silent and was killed; it starts again"]


def test_a_killed_service_starts_again_after_its_rest_and_not_before():
    desk = Desk()
    service = desk.ready()
    service.status = -signal.SIGKILL
    desk.pass_ms(195)
    assert len(desk.runs) == 1
    assert service.rest_asked_to_end
    desk.pass_ms(20)
    assert len(desk.runs) == 2
    assert service.closed
    assert desk.supervisor.restarts == 1
    assert desk.said == ["the device was ended by SIGKILL; it starts again"]


def test_the_safe_state_is_started_again():
    desk = Desk()
    desk.ready().status = 3
    desk.pass_ms(300)
    assert len(desk.runs) == 2
    assert desk.said == ["the device ended with status 3; it starts again"]


def test_a_fault_that_a_restart_cannot_cure_is_final():
    desk = Desk()
    desk.pass_ms(5)
    desk.runs[-1].status = 2
    desk.pass_ms(1_000)
    assert desk.supervisor.state == "failed"
    assert desk.supervisor.exit_status == 2
    assert len(desk.runs) == 1


def test_a_service_that_never_gets_ready_is_killed_and_started_again():
    desk = Desk(Unit(timeout_start_ms=1_000))
    desk.pass_ms(1_300)
    assert len(desk.runs) == 2
    assert desk.said == ["the device did not get ready and was killed; it starts again"]


def test_a_service_that_keeps_falling_is_left_down_with_a_reason():
    desk = Desk(Unit(start_limit_burst=3))
    for _ in range(600):
        desk.pass_ms(5)
        desk.runs[-1].status = 3
    assert len(desk.runs) == 3
    assert desk.supervisor.state == "failed"
    assert desk.said[-1] == "the device was started 3 times within 10 s; it is left down"


def test_rare_falls_never_reach_the_limit():
    desk = Desk(Unit(start_limit_burst=3))
    for _ in range(8):
        desk.ready().status = -signal.SIGKILL
        for _ in range(50):
            desk.runs[-1].told = ["WATCHDOG=1"]
            desk.pass_ms(100)
    assert desk.supervisor.restarts == 8


def test_a_stop_ends_the_service_for_good():
    desk = Desk()
    desk.ready()
    desk.supervisor.stop(desk.now_ms * MS)
    desk.pass_ms(500)
    assert desk.supervisor.state == "ended"
    assert desk.supervisor.exit_status == 0
    assert len(desk.runs) == 1


def test_a_service_that_does_not_obey_is_killed():
    desk = Desk()
    service = desk.ready()
    service.obeys = False
    desk.supervisor.stop(desk.now_ms * MS)
    desk.pass_ms(2_900)
    assert service.status is None
    desk.pass_ms(200)
    assert desk.supervisor.state == "ended"


def test_a_real_process_is_heard_and_its_group_ends_with_it():
    code = (
        "import os, socket, subprocess, sys; p = subprocess.Popen([sys.executable, '-c', 'input()'],"
        "stdin=subprocess.PIPE); s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM);"
        "s.sendto(f'READY=1\\nSTATUS={p.pid}'.encode(), os.environ['NOTIFY_SOCKET']); p.wait()"
    )
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        process = Process([sys.executable, "-S", "-c", code], {}, Path(folder) / "n", 1_000, log=2)
        told: list[str] = []
        deadline = clock.now_ns() + 20_000 * MS
        while len(told) < 2 and clock.now_ns() < deadline:
            told += process.notices()
        process.kill()
        process.close()
    assert told[0] == "READY=1"
    child = told[1].removeprefix("STATUS=")
    while is_running(child) and clock.now_ns() < deadline:
        clock.sleep_until(clock.now_ns() + 5 * MS)
    assert not is_running(child)
    assert process.exit_status() == -signal.SIGKILL


def is_running(pid: str) -> bool:
    """A dead process that nobody has buried yet does not run."""
    listed = subprocess.run(["ps", "-o", "stat=", "-p", pid], capture_output=True, text=True, check=False)
    return listed.stdout.strip()[:1] not in ("", "Z")
