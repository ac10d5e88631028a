"""`sorter sim`, live: the shell around the desk. It owns the broker, the signals, the view and the waits."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from rich.console import Console

from edge import clock
from edge.errors import BrokerFault, UsageFault
from sim import report
from sim.broker import LOOPBACK, USUAL_PORT, RunningBroker, free_port, start_broker
from sim.desk import Desk
from sim.setup import Setup
from sim.showing import Showing
from sim.summary import show
from sim.view import View, ViewState

_END_NS = 5_000_000_000


def run_live(setup: Setup, report_path: Path | None = None, started_ns: int | None = None) -> int:
    """Run until the belt is empty, or Ctrl-C; returns the exit status. Fruit still on the belt at a Ctrl-C are not in
    the report. `started_ns`: when the command began, for those who count from there.

    Raises UsageFault for a perception without pictures, and whatever the device could not start for.
    """
    if setup.perception != "pixels":
        raise UsageFault(f"--perception {setup.perception}: the live camera gives pixels; add --fast")
    state = ViewState()
    with (
        _signals() as stopping,
        tempfile.TemporaryDirectory(prefix="sorter-", ignore_cleanup_errors=True) as folder,
        _Broker(state) as broker,
        contextlib.closing(Desk(setup, Path(folder), broker.url, state.say, started_ns)) as desk,
    ):
        found = _drive(desk, broker, state, stopping)
        fault = desk.fault()
    if fault is not None:
        raise fault
    if found is not None:
        if report_path is not None:
            report.write(found, report_path)
        show(found, Console())
    return 0


def _drive(desk: Desk, broker: _Broker, state: ViewState, stopping: threading.Event) -> dict[str, Any] | None:
    """The run, on the screen from its first moment to its last; returns its report."""
    showing = Showing(desk, state)
    with View(state) as view:
        while not desk.ended and not stopping.is_set():
            now_ns = clock.now_ns()
            wake_ns = min(desk.step(now_ns), showing.step(now_ns))
            broker.step()
            view.tick(now_ns)
            clock.sleep_until(wake_ns)
        _end_device(desk)
        found = desk.report(stopping.is_set())
        if desk.device.lines.late:
            state.say(f"{desk.device.lines.late} edges came later than the truth waits: this computer stood still")
        showing.finish(clock.now_ns())
    return found


def _end_device(desk: Desk) -> None:
    """Ask the device to stop and give it the time to say goodbye to its broker."""
    deadline_ns = clock.now_ns() + _END_NS
    desk.device.supervisor.stop(clock.now_ns())
    while desk.device.supervisor.state not in ("ended", "failed") and (now_ns := clock.now_ns()) < deadline_ns:
        clock.sleep_until(desk.step(now_ns))


class _Broker:
    """The desk's broker, started beside everything else. Without one the line sorts on and the view says why."""

    def __init__(self, state: ViewState) -> None:
        self._state = state
        self._pool = ThreadPoolExecutor(1)
        self._starting: Future[RunningBroker] | None = None
        self._running: RunningBroker | None = None

    def __enter__(self) -> _Broker:
        port = free_port((USUAL_PORT, 0))
        self.url = f"mqtt://{LOOPBACK}:{port}"
        self._state.broker.host, self._state.broker.port = LOOPBACK, port
        self._starting = self._pool.submit(start_broker, port)
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self.step()
        if self._running:
            self._running.stop()

    def step(self) -> None:
        """See whether it runs by now."""
        if self._starting is None or not self._starting.done():
            return
        try:
            self._running = self._starting.result()
        except BrokerFault as fault:
            self._state.say(f"no broker: {fault}; the line sorts on")
        else:
            self._state.broker.name = f"{self._running.name} {self._running.version}"
            self._state.say(f"broker: {self._state.broker.name}; watch it with {self._running.subscribe_line}")
        self._starting = None


@contextlib.contextmanager
def _signals() -> Iterator[threading.Event]:
    """Ctrl-C and a polite end set the event; what was there before comes back."""
    stopping = threading.Event()

    def stop(*_: object) -> None:
        stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield stopping
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
