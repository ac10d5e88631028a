"""Which parts a calibration has, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from edge.calibrate.camera import RIDES, camera_part
from edge.calibrate.changes import Changes
from edge.calibrate.gates import BALLS, gates_part
from edge.calibrate.light import light_part
from edge.calibrate.session import MakePart
from edge.config import Profile
from edge.errors import UsageFault


@dataclass(frozen=True, slots=True)
class Wanted:
    """`parts`: light, camera, gates; empty for all that the machine can. `slow`: its belt can run slowly."""

    parts: tuple[str, ...] = ()
    board_scale: float = 1.0
    rides: int = RIDES
    balls: int = BALLS
    slow: bool = True


def parts_of(profile: Profile, wanted: Wanted, utc: str, plate_name: str) -> tuple[list[MakePart], list[str]]:
    """The parts in the order in which they build on each other, and what is left out and why, a line each. Raises
    UsageFault where nobody could see what a gate takes, and gates were asked for by name."""
    dumb = [name for name, gate in profile.gates.items() if gate.exit_pin is None]
    if "gates" in wanted.parts and len(dumb) == len(profile.gates):
        raise UsageFault(
            "gates: no gate has an exit_pin, so nobody would see what falls; fit an exit sensor, or leave it out"
        )
    made = {
        "light": light_part(utc, plate_name),
        "camera": camera_part(utc, wanted.board_scale, wanted.rides),
        "gates": gates_part(utc, wanted.balls, wanted.slow),
    }
    left_out = [f"gate {name} has no exit sensor: its delays stay as they are" for name in dumb]
    names = wanted.parts or (("light", "camera") if len(dumb) == len(profile.gates) else tuple(made))
    return [part for name, part in made.items() if name in names], left_out if "gates" in (wanted.parts or made) else []


def said(profile: Profile, changes: Changes) -> Iterator[str]:
    """What was found, a line each, beside what the profile said."""
    before: Any = profile.model_dump(mode="json")
    for section, keys in changes.items():
        if section[0] == "calibration":
            continue
        table: Any = before
        for part in section:
            table = table[int(part)] if isinstance(table, list) else table.get(part) or {}
        found = changes.get(("calibration", *section), {})
        for key, value in keys.items():
            sure = f" (sd {found[f'{key}_sd']})" if f"{key}_sd" in found else ""
            yield f"[{'.'.join(section)}] {key} = {value}{sure}, was {table.get(key)}"
