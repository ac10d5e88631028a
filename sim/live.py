"""`sorter sim`, live: starts the device and its broker, and only then loads the world that goes around them."""

from __future__ import annotations

import contextlib
import signal
import tempfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from edge import clock
from sim.choice import BUILTIN, Choice, choose
from sim.dashboard import DashboardServer
from sim.deskbroker import DeskBroker
from sim.faults import FaultSpan, refuse_virtual
from sim.hosted import HostedDevice
from sim.rendezvous import DeviceSettings
from sim.updating import section

if TYPE_CHECKING:
    from sim.setup import Setup


def run_live(
    scenario: str,
    *,
    seed: int,
    seconds: float | None = None,
    fruit: int | None = None,
    bundle: Path | None = None,
    fruit_images: str = BUILTIN,
    report: Path | None = None,
    record: Path | None = None,
    updates: str | None = None,
    history: Path | None = None,
    faults: Sequence[FaultSpan] = (),
    started_ns: int | None = None,
) -> int:
    """Run until the belt is empty, or Ctrl-C; returns the exit status. Fruit still on the belt at a Ctrl-C are not in
    the report. `started_ns`: when the command began, for those who count from there.

    Raises UsageFault, ScenarioFault, ProfileFault or BundleFault for what is missing or not good.
    """
    began_ns = clock.now_ns() if started_ns is None else started_ns
    choice = choose(scenario, bundle=bundle, faults=faults)
    refuse_virtual(choice.scenario.fault)

    def load() -> Setup:
        from sim.conveyor import Limit
        from sim.setup import load_fruit

        return load_fruit(choice, seed, Limit(fruit, seconds), fruit_images)

    # Photographs may be bad input, which is refused before anything starts; the built-in fruit are the project's own.
    loaded = None if fruit_images == BUILTIN else load()
    with (
        stopped_by_signals() as stopping,
        _folder() as folder,
        DeskBroker() as broker,
        DashboardServer(broker.page_config) as dashboard,
        contextlib.closing(_start_device(choice, folder, broker.url, record, updates, history)) as device,
    ):
        # Loading the world takes as long as the device takes to start: both at once.
        from sim.session import run_session

        broker.page = dashboard.url
        run_session(loaded or load(), device, broker, stopping, report, began_ns)
        fault = device.fault()
    if fault is not None:
        raise fault
    return 0


def _start_device(
    choice: Choice, folder: Path, broker_url: str, record: Path | None, updates: str | None, history: Path | None
) -> HostedDevice:
    bundle = str(choice.bundle.folder) if choice.bundle else None
    recorded = str(record.absolute()) if record else None
    settings = DeviceSettings(
        str(folder),
        str(choice.profile_path),
        bundle,
        broker_url,
        recorded,
        choice.scenario.machine,
        section(updates, folder) if updates else None,
        str(history.absolute()) if history else None,
    )
    device = HostedDevice(settings, choice.profile)
    device.supervisor.step(clock.now_ns())
    return device


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """A private folder for sockets and the ring. A socket's path may be no longer than about a hundred characters."""
    with tempfile.TemporaryDirectory(prefix="sorter-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextlib.contextmanager
def stopped_by_signals() -> Iterator[threading.Event]:
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
