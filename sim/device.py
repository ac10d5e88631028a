"""The simulated device: `python -m sim.device SETTINGS`, a line of JSON, started and watched by the world.

The composition root of `sorter run`, with a camera and a record sink whose other ends are the world's. Which pins its
gate process drives is the environment's affair (`GPIOZERO_PIN_FACTORY=sim`, `SORTER_SIM_PINS`).
"""

from __future__ import annotations

import logging
import signal
import sys
from pathlib import Path

from edge.app import run
from edge.bundle import load_bundle, resolve
from edge.capture.mailbox import FrameSource
from edge.config import Profile
from edge.errors import SorterError
from edge.log import start_log
from edge.machine import assemble
from sim.hogs import await_hogs
from sim.rendezvous import RECORDS, DeviceSettings
from sim.scenario import load_machine
from sim.stream import RecordStream


def main(arguments: list[str]) -> int:
    """Run until told to stop; the exit status of `sorter run`."""
    settings = DeviceSettings.of_line(arguments[0])
    start_log(level=logging.WARNING)
    await_hogs()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal's Ctrl-C is the world's to pass on
    try:
        return _run(settings)
    except SorterError as fault:
        sys.stderr.write(f"{fault}\n")
        return fault.exit_status


def _run(settings: DeviceSettings) -> int:
    profile = load_machine(Path(settings.profile), settings.machine)
    bundle = load_bundle(resolve(settings.bundle or profile.grade.bundle, Path(settings.profile).parent))
    # The desk's broker or none: never the one that the profile names, where another machine may have this one's name.
    # The outbox is the desk's too: it outlives what the world does to this process, and goes with the desk.
    desk = {"broker": settings.broker, "outbox": Path(settings.folder) / "outbox"}
    telemetry = profile.telemetry.model_copy(update=desk)
    profile = profile.model_copy(update={"telemetry": telemetry})
    if settings.record is not None:
        recorder = profile.recorder.model_copy(update={"folder": Path(settings.record)})
        profile = profile.model_copy(update={"recorder": recorder})
    folder = Path(settings.folder)
    stream = RecordStream(folder / RECORDS)
    try:
        return run(assemble(profile, bundle, lambda: _camera(folder, profile), (stream,)))
    finally:
        stream.close()


def _camera(folder: Path, profile: Profile) -> FrameSource:
    from sim.ring import RingCamera

    return RingCamera(folder, profile.camera.width_px, profile.camera.height_px)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
