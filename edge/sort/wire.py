"""What the main process and the gate process say to each other: one JSON object a line, over the gate process's pipes.

To the gate process: GateSettings once, then GatePulse, Scale, Hold, Feed, Beat, Bye. From it: Ready once, then
BeltSample, Outcome, GateClosed, EmergencyStop, Fall, Fault.
Neither NumPy nor pydantic may be imported here: the gate process loads this file.
"""

import json
from dataclasses import dataclass, fields
from typing import Any, Literal

from edge.datapath import BeltSample, EmergencyStop, Fall, Feed, GateClosed, GatePulse, Outcome

LONGEST_LINE = 65_536
"""Bytes. A peer that sends more without a newline is not speaking this protocol."""


@dataclass(frozen=True, slots=True)
class GateLine:
    """One gate as its line of the GPIO. `pin` is the BCM number, `active_high` the level that opens; `shortest_off_ns`
    how long it is left alone between two openings."""

    name: str
    pin: int
    active_high: bool
    longest_on_ns: int
    shortest_off_ns: int = 0


@dataclass(frozen=True, slots=True)
class EncoderLines:
    """The encoder as its lines of the GPIO, BCM numbers; `pin_b` is None on a single-channel wheel. `shortest_ns`:
    edges of one line that are closer together are bounce."""

    pin_a: int
    pin_b: int | None
    um_per_edge: int
    shortest_ns: int


@dataclass(frozen=True, slots=True)
class StopLine:
    """The emergency stop as its line of the GPIO, BCM number; `active_high` the level that stops, to which the line is
    pulled."""

    pin: int
    active_high: bool


@dataclass(frozen=True, slots=True)
class ExitLine:
    """A gate's exit sensor as its line of the GPIO, BCM number: low while the beam is broken."""

    gate: str
    pin: int


@dataclass(frozen=True, slots=True)
class FeedLine:
    """A line to upstream, BCM number: `active_high` the level that asks for less, `when_dead` whether that is asked for
    while no gate process holds the line."""

    what: Literal["inhibit", "slow"]
    pin: int
    active_high: bool
    when_dead: bool


@dataclass(frozen=True, slots=True)
class OnLine:
    """A line that is high for as long as the gate process lives, BCM number: what the camera's light or its trigger
    waits for."""

    what: Literal["strobe", "trigger"]
    pin: int


@dataclass(frozen=True, slots=True)
class GateSettings:
    """All that the gate process knows of the machine: its first line.

    `alive` is the line of the relay, BCM number; `late_um` is the belt travel by which a pulse may be behind;
    `heartbeat_ns` the silence after which every gate is released; `sample_ns` the time between belt samples; `queue`
    how many pulses may wait.
    """

    gates: tuple[GateLine, ...]
    speed_um_s: int
    heartbeat_ns: int
    late_um: int
    sample_ns: int = 20_000_000
    queue: int = 1_024
    encoder: EncoderLines | None = None
    e_stop: StopLine | None = None
    exits: tuple[ExitLine, ...] = ()
    feed: tuple[FeedLine, ...] = ()
    alive: int | None = None
    on: tuple[OnLine, ...] = ()


@dataclass(frozen=True, slots=True)
class Ready:
    """Every line is claimed and at its released level. How late this process woke in its self-test, median and 99th
    percentile."""

    wake_p50_ns: int = 0
    wake_p99_ns: int = 0


@dataclass(frozen=True, slots=True)
class Beat:
    """The main process is alive."""


@dataclass(frozen=True, slots=True)
class Scale:
    """From now on each micrometre of the encoder is this many millionths of one, as the tracks show it."""

    scale_ppm: int


@dataclass(frozen=True, slots=True)
class Hold:
    """Release every gate and take no pulse until it is said that they are held no longer."""

    held: bool


@dataclass(frozen=True, slots=True)
class Bye:
    """The main process ends as it should: release and exit."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The gate process has reached the safe state, or could not start. `why` is one line for a person."""

    why: str


Message = (
    GateSettings
    | GatePulse
    | Scale
    | Hold
    | Feed
    | Beat
    | Bye
    | Ready
    | BeltSample
    | Outcome
    | GateClosed
    | EmergencyStop
    | Fall
    | Fault
)

_KINDS: dict[str, type[Any]] = {
    "settings": GateSettings,
    "pulse": GatePulse,
    "scale": Scale,
    "hold": Hold,
    "feed": Feed,
    "beat": Beat,
    "bye": Bye,
    "ready": Ready,
    "belt": BeltSample,
    "outcome": Outcome,
    "closed": GateClosed,
    "stop": EmergencyStop,
    "fall": Fall,
    "fault": Fault,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_FIELDS = {
    kind: tuple(field.name for field in fields(kind))
    for kind in (*_NAMES, GateLine, EncoderLines, StopLine, ExitLine, FeedLine, OnLine)
}


def to_line(message: Message) -> bytes:
    """One message as a line, newline included."""
    text = json.dumps({"is": _NAMES[type(message)], **_plain(message)}, separators=(",", ":"), default=_plain)
    return text.encode() + b"\n"


def from_line(line: bytes) -> Message:
    """The message of one line. Raises ValueError, in one line, where it is none."""
    try:
        found = json.loads(line)
        kind = _KINDS[found.pop("is")]
        if kind is Outcome:
            found["pulse"] = GatePulse(**found["pulse"])
        elif kind is GateClosed:
            found["tracks"] = tuple(found["tracks"])
        elif kind is GateSettings:
            found["gates"] = tuple(GateLine(**gate) for gate in found["gates"])
            found["encoder"] = EncoderLines(**found["encoder"]) if found.get("encoder") else None
            found["feed"] = tuple(FeedLine(**line) for line in found.get("feed", ()))
            found["on"] = tuple(OnLine(**line) for line in found.get("on", ()))
            found["exits"] = tuple(ExitLine(**line) for line in found.get("exits", ()))
            found["e_stop"] = StopLine(**found["e_stop"]) if found.get("e_stop") else None
        message: Message = kind(**found)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a message of the gate process: {line[:80]!r} ({error})") from None
    return message


class LineBuffer:
    """Bytes in, whole messages out."""

    def __init__(self) -> None:
        self._rest = b""

    def take(self, data: bytes) -> list[Message]:
        """The messages that `data` completes. Raises ValueError where a line is no message or has no end."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        if len(self._rest) > LONGEST_LINE:
            raise ValueError(f"not a message of the gate process: {len(self._rest)} bytes without a newline")
        return [from_line(line) for line in lines]


def _plain(record: object) -> dict[str, Any]:
    return {name: getattr(record, name) for name in _FIELDS[type(record)]}
