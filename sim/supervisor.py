"""The desk's systemd: starts the device, hears READY and WATCHDOG, and restarts it as `sorter.service` would.

As a step: `Supervisor.step(now_ns)` reads no clock and never waits. The service's processes form one group that ends
with its main process, as a unit's control group does.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

NS_PER_MS = 1_000_000
_POLL_NS = 5 * NS_PER_MS

State = Literal["starting", "running", "resting", "ended", "failed"]


@dataclass(frozen=True, slots=True)
class Unit:
    """The settings of a service unit that decide what happens here, by systemd's names for them."""

    watchdog_ms: int = 1_000
    timeout_start_ms: int = 30_000
    timeout_stop_ms: int = 3_000
    restart_ms: int = 200
    start_limit_burst: int = 10
    start_limit_interval_ms: int = 10_000
    restart_prevent: tuple[int, ...] = (1, 2)
    """Exit statuses that a restart cannot cure: a faulty profile or bundle, a wrong question."""


class Service(Protocol):
    """One run of the service. Consumer: the supervisor."""

    def exit_status(self) -> int | None:
        """None while the main process runs; negative for the signal that ended it."""

    def notices(self) -> Iterable[str]:
        """What it has told its notify socket since the last call, a line each."""

    def terminate(self) -> None:
        """Ask the main process to end (SIGTERM)."""

    def kill(self) -> None:
        """End the whole group at once (SIGKILL)."""

    def terminate_rest(self) -> None:
        """Ask what is left of the group to end (SIGTERM), the main process having gone."""

    def close(self) -> None:
        """End whatever is still left of the group (SIGKILL) and let go of its socket."""


class Supervisor:
    """Keeps one service running. `say` hears each change of state in one line. Belongs to one thread."""

    def __init__(self, unit: Unit, spawn: Callable[[], Service], say: Callable[[str], None]) -> None:
        self.state: State = "resting"
        self.restarts = -1
        self.exit_status: int | None = None
        self._unit = unit
        self._spawn = spawn
        self._say = say
        self._service: Service | None = None
        self._remains: Service | None = None
        self._due_ns = 0
        self._starts: list[int] = []
        self.stopping = False
        """Whether the service was asked to end for good."""
        self._killed = ""

    def step(self, now_ns: int) -> int:
        """Look after the service once; returns the instant of the next look."""
        if self._service is not None:
            self._hear(self._service, now_ns)
            status = self._service.exit_status()
            if status is not None:
                self._bury(status, now_ns)
            elif now_ns >= self._due_ns:
                self._overdue(self._service, now_ns)
        elif self.state == "resting" and now_ns >= self._due_ns:
            self._start(now_ns)
        return now_ns + _POLL_NS

    def stop(self, now_ns: int) -> None:
        """Ask the service to end; `state` becomes `ended` in a later step, whether it obeys or not."""
        self.stopping = True
        if self._service is None:
            self.state = "ended"
        else:
            self._due_ns = now_ns + self._unit.timeout_stop_ms * NS_PER_MS
            self._service.terminate()

    def close(self) -> None:
        """End everything now. For the way out of the world, whatever led there."""
        for service in (self._service, self._remains):
            if service is not None:
                service.kill()
                service.close()
        self._service = self._remains = None

    def _start(self, now_ns: int) -> None:
        since_ns = now_ns - self._unit.start_limit_interval_ms * NS_PER_MS
        self._starts = [at for at in self._starts if at > since_ns]
        if len(self._starts) >= self._unit.start_limit_burst:
            self.state = "failed"
            self._say(
                f"the device was started {len(self._starts)} times within "
                f"{self._unit.start_limit_interval_ms / 1000:g} s; it is left down"
            )
            return
        if self._remains is not None:
            self._remains.close()
            self._remains = None
        self._starts.append(now_ns)
        self._service = self._spawn()
        self.state = "starting"
        self.restarts += 1
        self._killed = ""
        self._due_ns = now_ns + self._unit.timeout_start_ms * NS_PER_MS

    def _hear(self, service: Service, now_ns: int) -> None:
        for line in service.notices():
            if line == "READY=1":
                self.state = "running"
            if line in ("READY=1", "WATCHDOG=1") and self.state == "running" and not self.stopping:
                self._due_ns = now_ns + self._unit.watchdog_ms * NS_PER_MS

    def _overdue(self, service: Service, now_ns: int) -> None:
        what = "did not end" if self.stopping else "fell silent" if self.state == "running" else "did not get ready"
        self._killed = f"{what} and was killed"
        self._due_ns = now_ns + self._unit.timeout_stop_ms * NS_PER_MS
        service.kill()

    def _bury(self, status: int, now_ns: int) -> None:
        assert self._service is not None
        self._service.terminate_rest()
        self._remains, self._service = self._service, None
        self.exit_status = status
        if self.stopping or status == 0:
            self.state = "ended"
        elif status in self._unit.restart_prevent:
            self.state = "failed"
        else:
            self.state = "resting"
            self._due_ns = now_ns + self._unit.restart_ms * NS_PER_MS
            self._say(f"the device {self._killed or _ending(status)}; it starts again")


def _ending(status: int) -> str:
    return f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"


class Process:
    """A real run of the service: answers `Service`. Its group is a session of its own, so that a terminal's Ctrl-C
    reaches the world alone. `log`: the open file that takes what it prints. Raises OSError where the program cannot be
    started."""

    def __init__(
        self, argv: Sequence[str], environ: Mapping[str, str], notify: Path, watchdog_ms: int, log: int
    ) -> None:
        notify.unlink(missing_ok=True)
        self._notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notify.bind(str(notify))
        self._notify.setblocking(False)
        told = {"NOTIFY_SOCKET": str(notify), "WATCHDOG_USEC": str(watchdog_ms * 1000)}
        self._process = subprocess.Popen(
            argv, env={**environ, **told}, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def exit_status(self) -> int | None:
        return self._process.poll()

    def notices(self) -> Iterator[str]:
        with contextlib.suppress(BlockingIOError):
            while True:
                yield from self._notify.recv(4096).decode().splitlines()

    def terminate(self) -> None:
        self._process.terminate()

    def kill(self) -> None:
        self._signal_group(signal.SIGKILL)

    def terminate_rest(self) -> None:
        self._signal_group(signal.SIGTERM)

    def close(self) -> None:
        self.kill()
        self._process.wait()
        self._notify.close()

    def _signal_group(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left, or only the dead
            os.killpg(self._process.pid, number)
