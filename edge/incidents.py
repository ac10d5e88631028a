"""The catalogue of what an operator can be told: for each incident its code, what it is, why, and what to do.

`what` may name figures in braces; whoever raises the incident gives them. A section for each stage, in flow order.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Severity = Literal["warning", "error"]


@dataclass(frozen=True, slots=True)
class Entry:
    """`code` names it for machines, for good. `latch`: it stays until a person has looked; else it clears by itself.
    `severity`: a warning is sorted through, an error ends in the safe state."""

    code: str
    severity: Severity
    what: str
    why: str
    remedy: str
    latch: bool

    def say(self, figures: Mapping[str, float]) -> str:
        """What an operator reads, in one line: what it is, and what to do."""
        return f"{self.what.format(**figures)}: {self.remedy}"


@dataclass(frozen=True, slots=True)
class Told:
    """A detector's word: the incident of this code is so from now on, or is so no longer. `edge.standing` decides what
    follows from it."""

    code: str
    raised: bool
    figures: Mapping[str, float] = field(default_factory=dict)


# The belt and its encoder.

ENCODER_SLIPS = Entry(
    code="encoder_slips",
    severity="warning",
    what="encoder slips {percent:.0f} %",
    why="the fruit move further through the picture than the encoder counts",
    remedy="check the wheel: its pressure on the belt, wear, dirt, and [encoder] um_per_edge",
    latch=False,
)
ENCODER_RUNS_AHEAD = Entry(
    code="encoder_runs_ahead",
    severity="warning",
    what="encoder counts {percent:.0f} % too much",
    why="the fruit move less far through the picture than the encoder counts",
    remedy="check the wheel's diameter, [encoder] um_per_edge and the shielding of its cable",
    latch=False,
)
BELT_OFF_SPEED = Entry(
    code="belt_off_speed",
    severity="warning",
    what="the belt runs at {speed_mm_s:.0f} mm/s, not at the profile's speed",
    why="that is how fast the fruit move through the picture, and there is no encoder",
    remedy="set [belt] speed_mm_s to it, or fit an encoder",
    latch=False,
)

# The line as a whole.

OVERLOAD = Entry(
    code="overload",
    severity="warning",
    what="fruit are shed to the belt's end, {shed:.0f} so far",
    why="more fruit come than this computer can look at, or it runs slower than it can",
    remedy="feed less, or slow the belt",
    latch=False,
)

# The ends of a run: a restart begins in the safe state.

GATES_LOST = Entry(
    code="gates_lost",
    severity="error",
    what="the gate process is gone, or does not answer",
    why="it has died, was starved of the processor, or lost a line of the GPIO; the log has its last words",
    remedy="the machine starts again by itself; if it comes back, check the wiring and what else this computer runs",
    latch=False,
)
CAMERA_LOST = Entry(
    code="camera_lost",
    severity="error",
    what="the camera has stopped for good",
    why="it was unplugged, has failed, or its driver gives no more frames",
    remedy="check its cable at both ends; the machine starts again by itself",
    latch=False,
)
INTERNAL_FAULT = Entry(
    code="internal_fault",
    severity="error",
    what="the program has made a mistake and stops",
    why="a fault of its own: the log says where",
    remedy="the machine starts again by itself; please report the lines of the log",
    latch=False,
)

# The state that every error above leads to.

SAFE_STATE = Entry(
    code="safe_state",
    severity="error",
    what="every gate is released and all fruit run to the belt's end",
    why="an error stands, or the machine stopped itself",
    remedy="see to the first error that was raised",
    latch=False,
)

_ENTRIES = (
    *(ENCODER_SLIPS, ENCODER_RUNS_AHEAD, BELT_OFF_SPEED),
    *(OVERLOAD,),
    *(GATES_LOST, CAMERA_LOST, INTERNAL_FAULT),
    *(SAFE_STATE,),
)
CATALOGUE = {entry.code: entry for entry in _ENTRIES}
