"""The disk: room on it, and what is left of a card that wears with each write. Pure: each check judges a reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edge.doctor.finding import Check, Finding

DISK = Check("disk", "a full disk takes no messages and no recordings, and no update")
WEAR = Check("wear", "a card that is worn out fails from one moment to the next, and the machine does not start again")

_LEAST_BYTES, _FEW_BYTES = 200_000_000, 1_000_000_000
_MANY_GB_A_DAY = 20.0
"""A 32 GB card that stands 1,000 writes of each cell is worn out by that in less than five years."""

_CARD = "mmcblk"

_RESERVED = {"0x02": "most of its spare blocks are used up", "0x03": "nearly all of its spare blocks are used up"}
"""What JEDEC's PRE_EOL_INFO says, where it is not 0x01, which is good."""

_RENEW = "make a copy of the card and change it for one that is sold for endurance, or for an SSD"


@dataclass(frozen=True, slots=True)
class Room:
    """Of the disk that `folder` is on: the share that is free, and the bytes."""

    folder: Path
    free: float
    free_bytes: int


@dataclass(frozen=True, slots=True)
class Wear:
    """The disk of the root. `errors`: those that its file system has counted; `gb_a_day`: written since the start, on
    average; `worn`: the upper end of the tenth of its life that is used, as the drive says (1.0 is all); `reserve`: its
    PRE_EOL_INFO. None: it does not say."""

    name: str
    errors: int | None
    gb_a_day: float | None
    worn: float | None
    reserve: str | None


def room(reading: Room | None) -> Iterator[Finding]:
    if reading is None:
        yield DISK.unchecked("the system does not say")
        return
    told = f"{reading.free_bytes / 1e9:.1f} GB ({reading.free:.0%}) free at {reading.folder}"
    remedy = "delete what is not needed there, or set fewer outbox_bytes and [recorder] bytes in the profile"
    if reading.free_bytes < _LEAST_BYTES:
        yield DISK.fault(told, remedy)
    elif reading.free_bytes < _FEW_BYTES or reading.free < 0.05:
        yield DISK.attention(told, remedy)
    else:
        yield DISK.good(told)


def wear(reading: Wear | None) -> Iterator[Finding]:
    if reading is None:
        yield WEAR.unchecked("the root's disk is not one that the kernel tells about")
        return
    told = ", ".join([reading.name, *_told(reading)])
    if reading.errors:
        yield WEAR.fault(told, f"sudo fsck at the next start; {_RENEW}")
    elif (reading.worn or 0.0) >= 1.0 or reading.reserve == "0x03":
        yield WEAR.fault(told, _RENEW)
    elif (reading.worn or 0.0) >= 0.8 or reading.reserve == "0x02":
        yield WEAR.attention(told, _RENEW)
    elif reading.name.startswith(_CARD) and (reading.gb_a_day or 0.0) > _MANY_GB_A_DAY:
        yield WEAR.attention(told, "see what writes so much (sudo iotop -a), and let the journal be kept in memory")
    elif reading.worn is None and reading.gb_a_day is None and reading.errors is None:
        yield WEAR.unchecked(f"{reading.name} tells nothing of itself")
    else:
        yield WEAR.good(told)


def _told(reading: Wear) -> Iterator[str]:
    if reading.errors is not None:
        yield f"{reading.errors} errors of its file system"
    if reading.gb_a_day is not None:
        yield f"{reading.gb_a_day:.1f} GB written a day since the start"
    if reading.worn is not None:
        yield f"at most {reading.worn:.0%} of its life used"
    if reading.reserve in _RESERVED:
        yield _RESERVED[reading.reserve]
