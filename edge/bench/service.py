"""The device's service, started as systemd would start it, watched from outside: when it is ready, when it has graded
its first fruit, and what its processes hold."""

from __future__ import annotations

import os
import re
import select
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from edge.clock import now_ns
from edge.errors import MachineFault

NS = 1_000_000_000
GIVE_UP_NS = 120 * NS
FIRST_VERDICT = "the first fruit is graded"
"""The log's words for it (`edge.log.StatsLine`)."""

_OWN = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "JOURNAL_STREAM", "STATE_DIRECTORY", "SORTER_CAMERA")
_STOPS_S = 10.0


@dataclass(frozen=True, slots=True)
class Started:
    """From the start of the process: READY, and its first verdict."""

    ready_s: float
    verdict_s: float


class Service:
    """One run, on gpiozero's mock pins. Entering waits for the first verdict; leaving ends it."""

    def __init__(self, profile: Path) -> None:
        self._profile = profile
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._said = b""

    def __enter__(self) -> Self:
        """Raises MachineFault where no fruit is graded within two minutes."""
        address = self._profile.with_name("notify")
        address.unlink(missing_ok=True)
        self._notices.bind(str(address))
        env = {name: value for name, value in os.environ.items() if name not in _OWN}
        env |= {"GPIOZERO_PIN_FACTORY": "mock", "NOTIFY_SOCKET": str(address), "RUNTIME_DIRECTORY": str(address.parent)}
        self._began_ns = now_ns()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge.cli", "run", "--profile", str(self._profile)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=env,
        )
        try:
            self.started = self._watched()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end()

    def rss_mb(self) -> dict[str, float]:
        """Resident memory by process: `main` and the gate process. Raises MachineFault where it has ended meanwhile."""
        held: dict[str, float] = {}
        if self._process.poll() is not None:
            self._heard()
            raise MachineFault(f"the service has ended: {self._last_words()}")
        for pid, parent, kilobytes, command in _processes():
            if pid == self._process.pid:
                held["main"] = round(kilobytes / 1000, 1)
            elif parent == self._process.pid:
                held["gates" if "edge.sort.gates" in command else command.split()[0]] = round(kilobytes / 1000, 1)
        return held

    def _watched(self) -> Started:
        ready_s = verdict_s = None
        log = self._process.stderr
        assert log is not None
        speakers: list[Any] = [self._notices, log]
        while ready_s is None or verdict_s is None:
            left_ns = self._began_ns + GIVE_UP_NS - now_ns()
            heard, _, _ = select.select(speakers, [], [], max(0, left_ns) / NS)
            at_s = (now_ns() - self._began_ns) / NS
            if self._notices in heard and b"READY=1" in self._notices.recv(4_096):
                ready_s = ready_s or at_s
            if (log in heard and not self._heard()) or not heard:
                raise MachineFault(f"the service grades no fruit: {self._last_words()}")
            if FIRST_VERDICT.encode() in self._said:
                verdict_s = verdict_s or at_s
        return Started(ready_s, verdict_s)

    def _heard(self) -> bool:
        """Take in what it has logged. False once it has ended."""
        assert self._process.stderr is not None
        data = os.read(self._process.stderr.fileno(), 65_536)
        self._said = (self._said + data)[-65_536:]
        return bool(data)

    def _last_words(self) -> str:
        """A line of no log is its reason; else its last."""
        lines = [line for line in self._said.decode(errors="replace").split("\n") if line]
        reasons = [line for line in lines if not re.match(r"\d\d:\d\d:\d\d ", line)]
        return (reasons or lines or ["it says nothing"])[-1]

    def _end(self) -> None:
        self._process.terminate()
        try:
            self._process.communicate(timeout=_STOPS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.communicate()
        self._notices.close()


def _processes() -> list[tuple[int, int, float, str]]:
    """Pid, parent, kilobytes and command of each: from /proc, or from ps where there is none."""
    if not Path("/proc/self/status").exists():
        listed = subprocess.run(["ps", "-Ao", "pid=,ppid=,rss=,args="], check=True, capture_output=True, text=True)
        rows = (line.split(maxsplit=3) for line in listed.stdout.splitlines())
        return [(int(pid), int(parent), float(rss) * 1.024, command) for pid, parent, rss, command in rows]
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with suppress(OSError, KeyError):  # it may end meanwhile, and the kernel's own hold nothing
                told = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append((int(folder.name), int(told["PPid"]), int(told["VmRSS"].split()[0]) * 1.024, command))
    return found
