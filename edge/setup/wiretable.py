"""The wiring of a profile as a table: which pin of the header goes where, and what must pull it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from edge.config import Profile
from edge.doctor.wires import Wanted, wanted

HEADER = dict(
    zip(
        (2, 3, 4, 14, 15, 17, 18, 27, 22, 23, 24, 10, 9, 25, 11, 8, 7, 0, 1, 5, 6, 12, 13, 19, 16, 26, 20, 21),
        (3, 5, 7, 8, 10, 11, 12, 13, 15, 16, 18, 19, 21, 22, 23, 24, 26, 27, 28, 29, 31, 32, 33, 35, 36, 37, 38, 40),
        strict=True,
    )
)
"""BCM number to pin of a Raspberry Pi's 40-pin header."""


@dataclass(frozen=True, slots=True)
class Wire:
    """One line: its key in the profile, its BCM number, its pin on the header, and what is at its other end."""

    key: str
    bcm: int
    pin: int
    to: str


def wires(profile: Profile) -> Iterator[Wire]:
    """In the order of the header."""
    for one in sorted(wanted(profile), key=lambda one: HEADER[one.pin]):
        yield Wire(one.key, one.pin, HEADER[one.pin], _other_end(one))


def _other_end(one: Wanted) -> str:
    if one.role == "gate":
        return f"the gate's driver, and 10 kOhm to {'ground' if one.idle == 0 else '3.3 V'}"
    if one.role == "exit":
        return "the sensor behind the gate (open collector), and 10 kOhm to 3.3 V"
    if one.role == "encoder":
        return "the belt's wheel (open collector), and 10 kOhm to 3.3 V"
    if one.role == "stop":
        return f"the emergency stop's second contact to {'ground' if one.idle == 0 else '3.3 V'}; pressed is open"
    return _TOLD[one.key]


_TOLD = {
    "[safety] alive_pin": "the relay that drops when the board hangs, by its monostable, and 10 kOhm to ground",
    "[feed] inhibit_pin": "the feeder's input, by an optocoupler",
    "[feed] slow_pin": "the drive's input for its slow speed, by an optocoupler",
    "[camera] strobe_pin": "the lamp's driver",
    "[camera] trigger_pin": "what triggers the camera",
}


def table(profile: Profile) -> str:
    """Lines for a terminal of 80."""
    head = ("pin", "BCM", "in the profile", "goes to")
    rows = [head, *((str(wire.pin), str(wire.bcm), wire.key, wire.to) for wire in wires(profile))]
    wide = [max(len(row[n]) for row in rows) for n in range(3)]
    return "\n".join(f"  {pin:>{wide[0]}}  {bcm:>{wide[1]}}  {key:<{wide[2]}}  {to}" for pin, bcm, key, to in rows)
