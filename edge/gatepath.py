"""The records between the line and the gate process: frozen, and without anything that takes long to import.

Belt travel is in integer micrometres (`_um`), instants (`_at_ns`) are on `edge.clock`'s one clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OutcomeResult = Literal["fired", "late", "refused"]


@dataclass(frozen=True, slots=True)
class GatePulse:
    """Hold `gate` open while the belt reads `open_um` to `close_um`. The scheduler commands each edge its lead
    earlier, so that the gate has finished moving there."""

    track_id: str
    gate: str
    open_um: int
    close_um: int
    open_lead_ns: int
    close_lead_ns: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a pulse. `opened_at_ns` is the edge's instant, None unless fired; `late_ns` is how far behind its
    deadline the edge (or the refusal) was."""

    pulse: GatePulse
    result: OutcomeResult
    opened_at_ns: int | None
    late_ns: int


@dataclass(frozen=True, slots=True)
class GateClosed:
    """The gate's edge back at `at_ns`, or its release: behind the pulses of these `tracks`."""

    gate: str
    at_ns: int
    tracks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BeltSample:
    """The encoder's reading: at `at_ns` the belt had travelled `belt_um` and moved at `speed_um_s`. `refused` counts
    the edges that were taken for bounce so far."""

    at_ns: int
    belt_um: int
    speed_um_s: int
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Fall:
    """An exit sensor's edge at `at_ns`: a falling fruit breaks the beam behind `gate`; `ended`: it is whole again."""

    gate: str
    at_ns: int
    ended: bool = False


@dataclass(frozen=True, slots=True)
class Feed:
    """What upstream is asked for: to hold the feed back (`inhibit`), to run the belt slowly (`slow`)."""

    inhibit: bool
    slow: bool


@dataclass(frozen=True, slots=True)
class EmergencyStop:
    """The emergency stop was pressed, or released, at `at_ns`. The gate process has obeyed it by then."""

    at_ns: int
    pressed: bool


GateEvent = BeltSample | Outcome | GateClosed | EmergencyStop | Fall
