"""Who holds which line, and how it stands, without touching it: the kernel's word (GPIO_V2_GET_LINEINFO_IOCTL of
linux/gpio.h) and that of `pinctrl`, which reads a Pi's registers."""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import struct
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

_CHIP_INFO, _CHIP = 0x8044B401, struct.Struct("32s32sI")
_LINE_INFO, _LINE = 0xC100B405, struct.Struct("32s32sIIQ160s16s")
_USED = 1
_PULLS = {1 << 8: "up", 1 << 9: "down", 1 << 10: "none"}
_PI = "pinctrl-"
"""The label of the chip whose lines are on a Pi's header begins so."""

_PINCTRL = re.compile(r"^\s*(\d+): +\S+ +(?:d[lh] +)?(p[udn]|--) +\| +(hi|lo)", re.MULTILINE)
_SHORT = {"pu": "up", "pd": "down", "pn": "none"}
_WITHIN_S = 5.0

Ask = Callable[[int, int, bytes], bytes]
"""As fcntl.ioctl."""


@dataclass(frozen=True, slots=True)
class Held:
    """`holder`: "" for nobody. `pull`: up, down or none, as its holder asked for it; None where he did not."""

    holder: str
    pull: str | None


def holders(pins: list[int], dev: Path = Path("/dev"), ask: Ask = fcntl.ioctl) -> dict[int, Held] | None:
    """By pin; None where this computer has no such chip, or it may not be asked."""
    for path in sorted(dev.glob("gpiochip*")):
        with contextlib.suppress(OSError):
            chip = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            try:
                _, label, count = _CHIP.unpack(ask(chip, _CHIP_INFO, bytes(_CHIP.size)))
                if _text(label).startswith(_PI):
                    return {pin: _held(ask, chip, pin) for pin in pins if pin < count}
            finally:
                os.close(chip)
    return None


def _held(ask: Ask, chip: int, pin: int) -> Held:
    asked = _LINE.pack(b"", b"", pin, 0, 0, b"", b"")
    _, consumer, _, _, flags, _, _ = _LINE.unpack(ask(chip, _LINE_INFO, asked))
    holder = (_text(consumer) or "a driver") if flags & _USED else ""
    return Held(holder, next((pull for bit, pull in _PULLS.items() if flags & bit), None))


def levels() -> dict[int, tuple[int, str | None]]:
    """Level and pull of every pin, as `pinctrl` shows them; nothing where there is none."""
    command = shutil.which("pinctrl")
    if command is None:
        return {}
    try:
        said = subprocess.run([command, "get"], capture_output=True, text=True, timeout=_WITHIN_S, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return {}
    return parse_levels(said)


def parse_levels(said: str) -> dict[int, tuple[int, str | None]]:
    """Lines such as `17: op dl pd | lo // GPIO17 = output`."""
    return {int(pin): (int(level == "hi"), _SHORT.get(pull)) for pin, pull, level in _PINCTRL.findall(said)}


def _text(raw: bytes) -> str:
    return raw.partition(b"\0")[0].decode(errors="replace")
