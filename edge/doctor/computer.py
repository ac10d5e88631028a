"""The computer that the machine runs on: power, heat, kernel, clock and memory. Pure: each check judges a reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from edge.doctor.finding import Check, Finding

BOARD = Check("board", "the wiring and the drivers are those of a Raspberry Pi")
POWER = Check("power", "under too low a voltage the computer slows down, and camera and card fail at any moment")
THROTTLING = Check("throttling", "a computer that runs slower than it can sheds fruit to the belt's end")
TEMPERATURE = Check("temperature", "a Pi slows down from 80 degrees on, and sheds fruit then")
MEMORY = Check("memory", "without memory the system ends the machine's processes")
KERNEL = Check("kernel", "the network's runtime needs a 64-bit system, and the kernel decides how punctual a gate is")
CLOCK = Check("clock", "messages carry the time of day, and certificates and releases are only good for a time")

_UNDER_VOLTAGE = 0x1
_SLOWED = 0xE
_ONCE = 16
"""The firmware's flags: bit 0 under-voltage; 1 to 3 capped, throttled, at the soft limit of heat; the same from bit 16
on for what has been since the start (raspberrypi.com/documentation, vcgencmd)."""

_HOT_C, _WARM_C = 80.0, 70.0
_OLDEST_KERNEL = (6, 1)
_SUPPLY = "use the supply that was made for this Pi, with a short thick cable, and nothing else on it"


@dataclass(frozen=True, slots=True)
class System:
    """`system`, `release` and `processor` as uname has them; `real_time`: whether it is a PREEMPT_RT kernel;
    `governor`: who sets the processor's clock, None where nobody says."""

    system: str
    release: str
    processor: str
    real_time: bool
    governor: str | None


def board(model: str | None) -> Iterator[Finding]:
    """`model` as the device tree names it; None where there is none."""
    if model is None or not model.startswith("Raspberry Pi"):
        yield BOARD.unchecked(f"this is no Raspberry Pi{f' but {model}' if model else ''}")
    else:
        yield BOARD.good(model)


def power(flags: int | None) -> Iterator[Finding]:
    """`flags` as the firmware has them; None where there is no such firmware."""
    if flags is None:
        yield POWER.unchecked("only a Raspberry Pi's firmware measures its supply")
    elif flags & _UNDER_VOLTAGE:
        yield POWER.fault("the voltage is too low at this moment", _SUPPLY)
    elif flags >> _ONCE & _UNDER_VOLTAGE:
        yield POWER.attention("the voltage was too low since the computer started", _SUPPLY)
    else:
        yield POWER.good("the voltage has been good since the computer started")


def throttling(flags: int | None) -> Iterator[Finding]:
    """`flags` as for `power`."""
    remedy = "cool the computer (heat sink, fan, air), and see to its power"
    if flags is None:
        yield THROTTLING.unchecked("only a Raspberry Pi's firmware tells")
    elif flags & _SLOWED:
        yield THROTTLING.fault("the computer is slowed down at this moment", remedy)
    elif flags >> _ONCE & _SLOWED:
        yield THROTTLING.attention("the computer was slowed down since it started", remedy)
    else:
        yield THROTTLING.good("it has run at its full speed since it started")


def temperature(celsius: float | None) -> Iterator[Finding]:
    remedy = "give it a heat sink and a fan, or a place where air passes"
    if celsius is None:
        yield TEMPERATURE.unchecked("this computer has no sensor that the kernel shows")
    elif celsius >= _HOT_C:
        yield TEMPERATURE.fault(f"{celsius:.0f} degrees; it slows down from {_HOT_C:.0f} on", remedy)
    elif celsius >= _WARM_C:
        yield TEMPERATURE.attention(f"{celsius:.0f} degrees, {_HOT_C - celsius:.0f} below where it slows down", remedy)
    else:
        yield TEMPERATURE.good(f"{celsius:.0f} degrees")


def memory(free: float | None) -> Iterator[Finding]:
    """`free`: the share that may be had."""
    remedy = "end what else runs on this computer (top shows it)"
    if free is None:
        yield MEMORY.unchecked("this system does not say how much is free")
    elif free < 0.05:
        yield MEMORY.fault(f"{free:.0%} is free", remedy)
    elif free < 0.15:
        yield MEMORY.attention(f"{free:.0%} is free", remedy)
    else:
        yield MEMORY.good(f"{free:.0%} is free")


def kernel(system: System) -> Iterator[Finding]:
    told = f"{system.system} {system.release} on {system.processor}"
    if system.system != "Linux":
        yield KERNEL.unchecked(f"{told} runs no machine; a Pi's Linux does")
    elif system.processor not in ("aarch64", "x86_64"):
        yield KERNEL.fault(f"{told}: not a 64-bit system", "install the 64-bit Raspberry Pi OS")
    elif _numbers(system.release) < _OLDEST_KERNEL:
        yield KERNEL.attention(f"{told}: older than 6.1", "install Raspberry Pi OS bookworm or trixie")
    elif system.governor == "powersave":
        yield KERNEL.attention(
            f"{told}: the processor is held at its lowest clock", "set the governor to ondemand or performance"
        )
    else:
        yield KERNEL.good(f"{told}{', PREEMPT_RT' if system.real_time else ''}")


def clock(follows: bool | None, now: datetime, not_before: datetime) -> Iterator[Finding]:
    """`follows`: whether the clock is kept by another's, None where nobody says; `not_before`: when something was made
    that is here."""
    remedy = "connect it to a network with NTP (timedatectl set-ntp true), or fit a clock with a battery"
    if now < not_before:
        yield CLOCK.fault(f"it says {now:%Y-%m-%d %H:%M} UTC, which is long past", remedy)
    elif follows is None:
        yield CLOCK.unchecked(f"nobody says whether it is kept; it says {now:%Y-%m-%d %H:%M} UTC")
    elif follows:
        yield CLOCK.good(f"kept by NTP; {now:%Y-%m-%d %H:%M} UTC")
    else:
        yield CLOCK.attention(f"not set by NTP since the start; it says {now:%Y-%m-%d %H:%M} UTC", remedy)


def _numbers(release: str) -> tuple[int, ...]:
    major, _, rest = release.partition(".")
    minor = rest.partition(".")[0]
    return (int(major), int(minor)) if major.isdigit() and minor.isdigit() else _OLDEST_KERNEL
