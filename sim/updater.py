"""The simulated device's update process, as `python -m edge.update`: `python -m sim.updater SETTINGS`, in JSON."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from edge.log import start_log
from edge.update.__main__ import follow
from sim.deskprofile import profile_of
from sim.rendezvous import DeviceSettings


def main(arguments: list[str]) -> int:
    """Until it is killed."""
    settings = DeviceSettings.of_line(arguments[0])
    start_log(level=logging.WARNING)
    return follow(lambda: profile_of(settings), Path(settings.profile))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
