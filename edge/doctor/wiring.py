"""Reads the lines of the GPIO that a profile names: asks who holds them, then claims those that are free."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from edge import clock
from edge.config import Profile
from edge.doctor import chips
from edge.doctor.wires import Line, Pulses, Wanted, wanted
from edge.errors import GateFault
from edge.sort.alive_pins import AlivePins
from edge.sort.encoder_pins import PinEncoder
from edge.sort.gpio import pin_factory
from edge.sort.link import encoder_lines, gate_settings
from edge.sort.probe import claim_released, read_level

PULSES_S = 1.0
_SETTLE_NS = 200_000_000
"""By then an edge has come, where any come."""


def no_gpio() -> str:
    """Why this computer has no GPIO; empty where it has."""
    try:
        pin_factory()
    except GateFault as fault:
        return str(fault)
    return ""


def lit(profile: Profile) -> contextlib.AbstractContextManager[object]:
    """The lamp's and the trigger's lines held high, as the gate process holds them. Raises GateFault."""
    on = gate_settings(profile).on
    return contextlib.closing(AlivePins(None, on)) if on else contextlib.nullcontext()


def read(profile: Profile) -> Iterator[tuple[Wanted, Line]]:
    """Each line of the profile, as it is found. One that others act on is looked at and not
    claimed."""
    asked = list(wanted(profile))
    held = chips.holders([one.pin for one in asked])
    seen = chips.levels()
    gates = {gate.pin: gate for gate in gate_settings(profile).gates}
    for one in asked:
        told = held.get(one.pin) if held is not None else None
        level, pull = seen.get(one.pin, (None, told.pull if told else None))
        refusal = ""
        if not (told and told.holder) and one.role != "told":
            try:
                if one.role == "gate":
                    claim_released(gates[one.pin])
                else:
                    level = read_level(one.pin, one.pull_up)
            except GateFault as fault:
                refusal = str(fault)
        yield one, Line(told.holder if told else None, level, pull, refusal)


def count(profile: Profile, for_s: float = PULSES_S) -> tuple[Pulses | None, str]:
    """The encoder's pulses for so long; or None, and why it cannot be listened to."""
    settings = encoder_lines(profile)
    if settings is None:
        return None, ""
    try:
        encoder = PinEncoder(settings)
    except GateFault as fault:
        return None, str(fault)
    try:
        began_ns = clock.now_ns()
        first = encoder.sample(clock.sleep_until(began_ns + _SETTLE_NS))
        last = encoder.sample(clock.sleep_until(began_ns + _SETTLE_NS + round(for_s * 1e9)))
    finally:
        encoder.close()
    edges = abs(last.belt_um - first.belt_um) // settings.um_per_edge
    # A sample stands at its last edge: from stamp to stamp, however late this process heard of them.
    seconds = (last.at_ns - first.at_ns) / 1e9 if edges else for_s
    return Pulses(edges, last.refused - first.refused, seconds), ""
