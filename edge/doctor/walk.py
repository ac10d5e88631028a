"""The walk along the gates: each is moved once, with the operator's yes, who says what it did.

All lines are claimed first, so a machine whose service runs is refused; whatever ends the walk, every gate is released.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from edge import clock
from edge.config import Profile
from edge.doctor.finding import Check, Finding
from edge.errors import GateFault
from edge.person import Gone, Person
from edge.ports import GatePins
from edge.sort.gpio import GpiozeroPins
from edge.sort.link import gate_settings

GATE = Check("gate", "a gate that does not move, or another that does in its place, puts fruit into the wrong bin")

LONGEST_MS = 300.0
"""A gate is held open for so long, or for its longest_on_ms where that is shorter."""

WARNING = (
    "Gates will move, one at a time and each only after your yes. Keep hands, sleeves and tools away from them,\n"
    "and see that nobody else is at the machine. The emergency stop cuts their supply at any moment."
)

Sleep = Callable[[int], int]
"""As clock.sleep_until."""


def walk(profile: Profile, person: Person) -> Iterator[Finding]:
    """A finding a gate, with the machine's own pins."""
    try:
        pins = GpiozeroPins(gate_settings(profile).gates)
    except GateFault as fault:
        yield GATE.unchecked(f"{fault}", "sudo systemctl stop sorter, then ask again: the service holds the lines")
        return
    try:
        yield from along(profile, pins, person, clock.sleep_until)
    finally:
        pins.close()


def along(profile: Profile, pins: GatePins, person: Person, sleep: Sleep) -> Iterator[Finding]:
    """With any pins. A person who goes leaves the rest unchecked."""
    left = dict.fromkeys(profile.gates)
    try:
        person.tell(WARNING)
        if person.choose("Go along the gates?", ("no", "yes")) == "yes":
            for name in profile.gates:
                yield _try(profile, name, pins, person, sleep)
                del left[name]
    except Gone:
        pins.release_all()
    for name in left:
        yield GATE.of(name).unchecked("nobody said that it may be moved", "sorter doctor --walk")


def _try(profile: Profile, name: str, pins: GatePins, person: Person, sleep: Sleep) -> Finding:
    gate, check = profile.gates[name], GATE.of(name)
    for_ms = min(gate.longest_on_ms, LONGEST_MS)
    where = f"{name} (pin {gate.pin}, lane {gate.lane}, outlet {gate.outlet}, {gate.x_mm:g} mm)"
    while person.choose(f"Open {where} for {for_ms:g} ms?", ("no", "yes")) == "yes":
        _move(name, pins, for_ms, sleep)
        seen = person.choose("Did it open and close, and it alone?", ("yes", "no", "another", "again"))
        if seen == "yes":
            return check.good(f"pin {gate.pin} opens and closes it")
        if seen == "no":
            return check.fault(
                f"pin {gate.pin} does not move it",
                "see its supply, its driver stage and its cable; a relay that clicks is as far as the signal comes",
            )
        if seen == "another":
            return check.fault(f"pin {gate.pin} moves another gate", "swap the cables, or the pins in the profile")
    return check.unchecked("nobody said that it may be moved", "sorter doctor --walk")


def _move(name: str, pins: GatePins, for_ms: float, sleep: Sleep) -> None:
    try:
        opened_ns = pins.command(name, True)
        sleep(opened_ns + round(for_ms * 1e6))
        pins.command(name, False)
    except BaseException:
        pins.release_all()
        raise
