"""The live session: the desk stepped in real time, with the view around it, from its first moment to its report."""

from __future__ import annotations

import contextlib
import threading
from pathlib import Path
from typing import Any

from rich.console import Console

from edge import clock
from sim import report
from sim.desk import Desk
from sim.deskbroker import DeskBroker
from sim.hosted import HostedDevice
from sim.setup import Setup
from sim.showing import Showing
from sim.summary import show
from sim.view import View, ViewState

_END_NS = 5_000_000_000


def run_session(
    setup: Setup,
    device: HostedDevice,
    broker: DeskBroker,
    stopping: threading.Event,
    report_path: Path | None,
    began_ns: int,
) -> None:
    """Run until the belt is empty, `stopping` is set or the device has ended for good. Writes the report, shows it."""
    state = ViewState()
    with contextlib.closing(Desk(setup, device, began_ns)) as desk:
        found = _drive(desk, broker, state, stopping)
    if found is not None:
        if report_path is not None:
            report.write(found, report_path)
        show(found, Console())


def _drive(desk: Desk, broker: DeskBroker, state: ViewState, stopping: threading.Event) -> dict[str, Any] | None:
    showing = Showing(desk, broker, state)
    with View(state) as view:
        while not desk.ended and not stopping.is_set():
            now_ns = clock.now_ns()
            wake_ns = min(desk.step(now_ns), showing.step(now_ns))
            view.tick(now_ns)
            clock.sleep_until(wake_ns)
        _end_device(desk)
        found = desk.report()
        if desk.device.lines.late:
            state.say(f"{desk.device.lines.late} edges came later than the truth waits: this computer stood still")
        showing.finish(clock.now_ns())
    return found


def _end_device(desk: Desk) -> None:
    """Ask the device to stop and give it the time to say goodbye to its broker."""
    supervisor, deadline_ns = desk.device.supervisor, clock.now_ns() + _END_NS
    if supervisor.state not in ("ended", "failed"):
        supervisor.stop(clock.now_ns())
    while supervisor.state not in ("ended", "failed") and (now_ns := clock.now_ns()) < deadline_ns:
        clock.sleep_until(desk.step(now_ns))
