"""The catalogue of what an operator can be told: for each incident its code, what it is, why, and what to do.

`what` may name figures in braces; whoever raises the incident gives them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
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

OVERLOAD = Entry(
    code="overload",
    severity="warning",
    what="fruit are shed to the belt's end, {shed:.0f} so far",
    why="more fruit come than this computer can look at, or it runs slower than it can",
    remedy="feed less, or slow the belt",
    latch=False,
)

CATALOGUE = {entry.code: entry for entry in (ENCODER_SLIPS, ENCODER_RUNS_AHEAD, BELT_OFF_SPEED, OVERLOAD)}
