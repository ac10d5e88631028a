"""A Raspberry Pi's word on whether it runs slower than it can, from heat or for want of power.

The firmware's flags, by the kernel's file where it has one, else by the command `vcgencmd get_throttled`. The service's
sandbox lets the file through, not the command.
"""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

SYSFS = Path("/sys/devices/platform/soc/soc:firmware/get_throttled")

NOW = 0b1111
"""Under-voltage, frequency capped, throttled, soft temperature limit: at this moment. Bits 16 to 19 say that there once
was such a moment (raspberrypi.com/documentation, vcgencmd)."""

_WITHIN_S = 2.0


class PiThrottle:
    """Answers ports.Throttle."""

    def __init__(self, read: Callable[[], str]) -> None:
        """`read` gives the flags in hexadecimal, bare or as `throttled=0x50005`."""
        self._read = read

    def throttled(self) -> bool:
        return bool((self.flags() or 0) & NOW)  # a firmware that does not say is no reason to slow the belt

    def flags(self) -> int | None:
        """All that it says; None where it says nothing."""
        try:
            return int(self._read().strip().rpartition("=")[2], 16)
        except (OSError, ValueError, subprocess.SubprocessError):
            return None


def find(sysfs: Path = SYSFS) -> PiThrottle | None:
    """The computer's own, or None where it is no Pi."""
    if sysfs.is_file():
        return PiThrottle(lambda: sysfs.read_text(encoding="ascii"))
    if command := shutil.which("vcgencmd"):
        return PiThrottle(lambda: _ask(command))
    return None


def _ask(command: str) -> str:
    asked = [command, "get_throttled"]
    return subprocess.run(asked, check=True, capture_output=True, text=True, timeout=_WITHIN_S).stdout
