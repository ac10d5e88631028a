"""Run in the guest as its one program: does to the service what may befall it, and tells what the lines did, a JSON
line each, on the second serial port. Every time is the guest's own, which no load of the host changes."""

import json
import os
import select
import signal
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.qemu.board import Board
from tests.qemu.graded import main as grading_process
from tests.qemu.main import main as main_process

SHIPPED = Path("/mnt/firmware_config/profiles/demo.toml")
PROFILE, PATIENT = Path("/tmp/machine.toml"), Path("/tmp/patient.toml")
GATE_PIN, STOP_PIN = 17, 26
PINS = (17, 18, 22, 23, 24, 25, 5, 6)
LONG_S = 10.0


class Service:
    """One start of the main process, which starts its gate process."""

    def __init__(
        self,
        board: Board,
        is_closed: bool = True,
        profile: Path = PROFILE,
        act: Callable[[str], int] = main_process,
    ) -> None:
        """`is_closed`: whether the emergency stop's contact is, as it is on a machine that may run."""
        self._process = Forked(lambda: act(str(profile)))
        self._heard = b""
        self._board = board
        self.words: list[dict[str, Any]] = []
        """All that was heard, for whoever has to find out why a trial failed."""
        ready = self.hear("ready")
        self.pid, self.gate_pid = self._process.pid, ready["gate_pid"] if ready else 0
        if ready and is_closed:
            board.drive(STOP_PIN, 0)
            self.hear("stop", pressed=False)

    def hear(self, what: str, most_s: float = LONG_S, **like: object) -> dict[str, Any] | None:
        """Its next word of a kind; None where none comes."""
        out = self._process.out
        until_s = time.monotonic() + most_s
        while (left_s := until_s - time.monotonic()) > 0:
            line, newline, rest = self._heard.partition(b"\n")
            if newline:
                self._heard = rest
                said: dict[str, Any] = json.loads(line)
                self.words.append(said)
                if said["what"] == what and like.items() <= said.items():
                    return said
                continue
            if select.select([out], [], [], left_s)[0]:
                data = os.read(out, 4096)
                if not data:
                    return None
                self._heard += data
        return None

    def count(self, what: str, for_s: float) -> int:
        until_s = time.monotonic() + for_s
        found = 0
        while (left_s := until_s - time.monotonic()) > 0:
            found += self.hear(what, left_s) is not None
        return found

    def ask(self) -> None:
        """For a pulse of seconds; where the line grades, for a fruit."""
        os.write(self._process.to, b"open\n")

    def open(self) -> bool:
        """Ask for a pulse of seconds, and wait until its line is high."""
        self.ask()
        return self._board.within(GATE_PIN, 1, LONG_S) is not None

    def end(self) -> dict[str, Any]:
        """Whatever state it is in; its exit status and what it said last."""
        for pid in (self.pid, self.gate_pid):
            with suppress(ProcessLookupError):
                os.kill(pid or self.pid, signal.SIGCONT)
        self.hear("nothing", 0.3)  # one that was stopped finds out first what it has missed
        status, said = self._process.end()
        return {"status": status, "said": said, "words": self.words}


class Forked:
    """A process of its own with pipes for its standard streams: `to` its input, `out` its output. Forked, so that what
    it imports is imported once for all trials; it starts the gate process as ever."""

    def __init__(self, act: Callable[[], int]) -> None:
        (given, self.to), (self.out, told), (self._err, said) = os.pipe(), os.pipe(), os.pipe()
        self.pid = os.fork()
        if not self.pid:
            for fd, stream in ((given, 0), (told, 1), (said, 2)):
                os.dup2(fd, stream)
            os.closerange(3, 64)
            os._exit(act())
        for fd in (given, told, said):
            os.close(fd)

    def end(self) -> tuple[int, str]:
        os.close(self.to)
        # Its standard error closes when it and its gate process are gone.
        said = b""
        while select.select([self._err], [], [], LONG_S)[0] and (data := os.read(self._err, 4096)):
            said += data
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._err)
        os.close(self.out)
        return os.waitstatus_to_exitcode(status), said.decode().strip()


def struck(board: Board, number: int, whom: str) -> dict[str, Any]:
    """A signal to one of the two processes while a gate is open: when its line was low. What was struck before left
    nothing open: no line rises at the start until a pulse is asked for."""
    service = Service(board)
    rose = board.rose(PINS, 0.3)
    was_open = service.open()
    os.kill(service.gate_pid if whom == "gate" else service.pid, number)
    told = {"rose_unasked": rose, "was_open": was_open, "low_after_ms": board.within(GATE_PIN, 0, 2.0)}
    return {**told, "rose_again": board.rose(PINS, 0.3), **service.end()}


def first_start(board: Board) -> dict[str, Any]:
    """Nothing is asked for: no gate line may rise, with the stop's cable cut and without."""
    service = Service(board, is_closed=False)
    service.ask()
    cut = service.hear("outcome")
    rose = board.rose(PINS, 0.3)
    board.drive(STOP_PIN, 0)
    freed = service.hear("stop", pressed=False)
    told = {"cut": cut, "freed": freed, "rose_unasked": rose + board.rose(PINS, 0.7)}
    return {**told, "opened": service.open(), **service.end()}


def second(board: Board) -> dict[str, Any]:
    """To start Python beside it takes an emulated processor longer than a heartbeat: so this one's is long."""
    service = Service(board, profile=PATIENT)
    other = Service(board, is_closed=False, profile=PATIENT)
    refused = other.end()
    return {"refused": refused, "opened": service.open(), **service.end()}


def stopped(board: Board) -> dict[str, Any]:
    """The emergency stop while a gate is open, its contact bouncing both ways."""
    service = Service(board)
    was_open = service.open()
    board.drive(STOP_PIN, 1)
    low_after_ms = board.within(GATE_PIN, 0, 2.0)
    bounce(board, 1)
    presses = service.count("stop", 0.3)
    service.ask()
    refused = service.hear("outcome", result="refused")
    held = board.within(GATE_PIN, 1, 0.5) is None
    bounce(board, 0)
    releases = service.count("stop", 0.3)
    told = {"was_open": was_open, "low_after_ms": low_after_ms, "presses": presses, "refused": refused, "held": held}
    return {**told, "releases": releases, "opened_again": service.open(), **service.end()}


def bounce(board: Board, level: int) -> None:
    for n in range(12):
        board.drive(STOP_PIN, level ^ (n & 1))
        time.sleep(0.002)  # noqa: TID251 - no step: this is the world
    board.drive(STOP_PIN, level)


def restarted(board: Board) -> dict[str, Any]:
    """After those, with the device's own line: no line rises while the belt is empty, nor while a fruit is on its way
    and not graded; then its gate's does, for as long as its pulse is. None is high at the service's end."""
    service = Service(board, act=grading_process)
    rose = board.rose(PINS, 1.0)
    service.ask()
    verdict, until_s = None, time.monotonic() + LONG_S
    while verdict is None and time.monotonic() < until_s:
        rose += board.rose(PINS, 0.01)
        verdict = service.hear("verdict", 0.001)
    told = {"rose_unasked": rose, "verdict": verdict, "opened": board.within(GATE_PIN, 1, 2.0) is not None}
    told |= {"high": board.rose(PINS, 0.02), "low_after_ms": board.within(GATE_PIN, 0, 2.0)}
    told |= {"outcome": service.hear("outcome", 1.0), "rose_again": board.rose(PINS, 1.0), **service.end()}
    return {**told, "high_at_the_end": board.rose(PINS, 0.1)}


TRIALS: dict[str, Callable[[Board], dict[str, Any]]] = {
    "first start": first_start,
    "main hung": lambda board: struck(board, signal.SIGSTOP, "main"),
    "gate process hung": lambda board: struck(board, signal.SIGSTOP, "gate"),
    "main killed": lambda board: struck(board, signal.SIGKILL, "main"),
    "gate process killed": lambda board: struck(board, signal.SIGKILL, "gate"),
    "restarted": restarted,
    "second process": second,
    "emergency stop": stopped,
}


def main() -> None:
    profile = SHIPPED.read_text().replace("longest_on_ms = 500", "longest_on_ms = 5000")
    profile = profile.replace("# e_stop_pin = 26", "e_stop_pin = 26")
    PROFILE.write_text(profile)
    PATIENT.write_text(profile.replace("heartbeat_ms = 100 ", "heartbeat_ms = 1000 "))
    with Path("/dev/ttyS1").open("w") as tell:
        board = Board()
        for name, trial in TRIALS.items():
            try:
                told = trial(board)
            except Exception:
                told = {"failed": traceback.format_exc()}
            tell.write(json.dumps({"trial": name, **told, "at_s": round(time.monotonic(), 2)}) + "\n")
            tell.flush()


if __name__ == "__main__":
    main()
