"""The walk along the gates: each is moved once, with the operator's yes, who says what it did.

All lines are claimed first, so a machine whose service runs is refused; whatever ends the walk, every gate is released.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence

from edge import clock
from edge.config import Profile
from edge.doctor.finding import Check, Finding
from edge.errors import GateFault
from edge.person import Person
from edge.ports import GatePins
from edge.sort.alive_pins import AlivePins
from edge.sort.gpio import GpiozeroPins, borrowed_gpio
from edge.sort.link import gate_settings

GATE = Check("gate", "a gate that does not move, or another that does in its place, puts fruit into the wrong bin")

LONGEST_MS = 300.0
"""A gate is held open for so long, or for its longest_on_ms where that is shorter."""

WARNING = (
    "Gates will move, one at a time and each only after your yes. Keep hands, sleeves and tools away from them,\n"
    "and see that nobody else is at the machine. The emergency stop cuts their supply at any moment."
)

_RELAY_MS = 300.0
"""Before a gate is moved, the line of the relay that drops beats for so long, so that the valves have their supply."""

_BEAT_NS = 20_000_000

Wait = Callable[[float], object]
"""Waits for so many milliseconds."""


def walk(profile: Profile, person: Person, names: Sequence[str] | None = None) -> Iterator[Finding]:
    """A finding a gate, with the machine's own pins. `names`: these gates alone."""
    with borrowed_gpio(), contextlib.ExitStack() as claimed:
        try:
            pins = claimed.enter_context(contextlib.closing(GpiozeroPins(gate_settings(profile).gates)))
            alive = claimed.enter_context(contextlib.closing(AlivePins(profile.safety.alive_pin)))
        except GateFault as fault:
            yield GATE.unchecked(f"{fault}", "sudo systemctl stop sorter, then ask again: the service holds the lines")
            return

        def wait(ms: float) -> None:
            until_ns = clock.now_ns() + round(ms * 1e6)
            while (now_ns := clock.now_ns()) < until_ns:
                alive.beat()
                clock.sleep_until(min(until_ns, now_ns + _BEAT_NS))

        yield from along(profile, pins, person, wait, names)


def along(
    profile: Profile, pins: GatePins, person: Person, wait: Wait, names: Sequence[str] | None = None
) -> Iterator[Finding]:
    """With any pins. Raises Gone, with every gate released, where the person has left."""
    ahead = list(profile.gates if names is None else names)
    try:
        person.tell(WARNING)
        goes = person.choose("Go along the gates?", ("no", "yes")) == "yes"
        for name in ahead:
            yield _try(profile, name, pins, person, wait) if goes else unmoved(name)
    finally:
        pins.release_all()


def unmoved(name: str) -> Finding:
    """Of a gate that was left alone."""
    return GATE.of(name).unchecked("nobody said that it may be moved", "sorter doctor --walk")


def _try(profile: Profile, name: str, pins: GatePins, person: Person, wait: Wait) -> Finding:
    gate, check = profile.gates[name], GATE.of(name)
    for_ms = min(gate.longest_on_ms, LONGEST_MS)
    where = f"{name} (pin {gate.pin}, lane {gate.lane}, outlet {gate.outlet}, {gate.x_mm:g} mm)"
    while person.choose(f"Open {where} for {for_ms:g} ms?", ("no", "yes")) == "yes":
        _move(name, pins, for_ms, wait)
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
    return unmoved(name)


def _move(name: str, pins: GatePins, for_ms: float, wait: Wait) -> None:
    wait(_RELAY_MS)
    try:
        pins.command(name, True)
        wait(for_ms)
    finally:
        pins.command(name, False)
