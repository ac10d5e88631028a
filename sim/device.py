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
from edge.bundle import resolve
from edge.capture.mailbox import FrameSource
from edge.config import Profile
from edge.errors import SorterError
from edge.log import start_log
from edge.machine import assemble
from sim.deskprofile import profile_of
from sim.hogs import await_hogs
from sim.rendezvous import RECORDS, DeviceSettings
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
    profile = profile_of(settings)
    bundle = resolve(settings.bundle or profile.grade.bundle, Path(settings.profile).parent)
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
