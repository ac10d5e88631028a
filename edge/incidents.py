"""The catalogue of what an operator can be told: for each incident its code, what it is, why, and what to do.

`what` may name figures in braces; whoever raises the incident gives them. A section for each stage, in flow order.
"""

from edge import incidents_audit, incidents_burn, incidents_drift, incidents_machine, incidents_sight
from edge.entry import Entry, Figures, Told

__all__ = ["CATALOGUE", "Entry", "Figures", "Told"]

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
ENCODER_LOST = Entry(
    code="encoder_lost",
    severity="error",
    what="the encoder does not count while the fruit move",
    why="in the picture the fruit move on, and the encoder says that the belt stands",
    remedy="check its cable, its supply and whether the wheel still lies on the belt; it sorts again once it counts",
    latch=False,
)
ENCODER_BOUNCES = Entry(
    code="encoder_bounces",
    severity="warning",
    what="the encoder bounces: {edges:.0f} edges a second came too soon and were not counted",
    why="its contacts are worn, or its cable catches what motors send out",
    remedy="check the cable's shield and the encoder; travel is still counted right while the bounces are short",
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

# Fruit on the belt.

FRUIT_STUCK = Entry(
    code="fruit_stuck",
    severity="warning",
    what="a fruit stands still on the moving belt in lane {lanes}",
    why="in the picture it stays where it is while the belt runs on under it",
    remedy="take it away; see what holds it: the rail, a guide, a crushed fruit",
    latch=False,
)

# Gates and exits, as the exit sensors show them.

GATE_STUCK_OPEN = Entry(
    code="gate_stuck_open",
    severity="error",
    what="gate {gates} stands open: fruit fall there that were not sent",
    why="its exit sensor sees every fruit of the lane fall, with and without a pulse",
    remedy="stop the belt, free the gate, look at its valve or magnet and at its line",
    latch=True,
)
GATE_STUCK_CLOSED = Entry(
    code="gate_stuck_closed",
    severity="warning",
    what="gate {gates} does not open: its fruit run to the belt's end",
    why="its exit sensor has seen none of the fruit that were sent there",
    remedy="check its air or power, its line, and that the exit sensor is clean; it is tried again every 10 seconds",
    latch=False,
)
GATE_SLOW = Entry(
    code="gate_slow",
    severity="warning",
    what="gate {gates} moves late: its fruit run to the belt's end where it misses them",
    why="its exit sensor sees fruit fall late, or not all that were sent there, or a neighbour instead",
    remedy="clean and oil it, check its air pressure, and measure open_delay_ms anew",
    latch=False,
)
GATE_BOUNCING = Entry(
    code="gate_bouncing",
    severity="warning",
    what="gate {gates} bounces",
    why="its exit sensor sees a second edge behind the falls of its fruit",
    remedy="check its damper, its end stop and its air pressure",
    latch=False,
)
OUTLET_JAMMED = Entry(
    code="outlet_jammed",
    severity="error",
    what="the outlet of gate {gates} is jammed",
    why="the beam of its exit sensor has been broken for more than a second",
    remedy="empty the bin or clear the chute; sorting goes on once the beam is whole",
    latch=False,
)
LANE_JAM = Entry(
    code="lane_jam",
    severity="error",
    what="lane {lanes} is jammed: fruit come, and none arrive",
    why="fruit stand still on a moving belt one behind the other, or none of those sent to its gates has fallen",
    remedy="stop the belt and clear the lane",
    latch=True,
)
QUEUE_SLIPPED = Entry(
    code="queue_slipped",
    severity="error",
    what="lane {lanes} is out of step: each fruit is taken for its neighbour",
    why="the falls fit the fruit ahead or behind better than the one that was sent there",
    remedy="check the gates' x_mm, the camera's place and its clock, then start again",
    latch=True,
)

_ENTRIES = (
    *incidents_sight.ENTRIES,
    *(ENCODER_SLIPS, ENCODER_RUNS_AHEAD, ENCODER_LOST, ENCODER_BOUNCES, BELT_OFF_SPEED),
    *(FRUIT_STUCK,),
    *(GATE_STUCK_OPEN, GATE_STUCK_CLOSED, GATE_SLOW, GATE_BOUNCING, OUTLET_JAMMED, LANE_JAM, QUEUE_SLIPPED),
    *incidents_machine.ENTRIES,
    *incidents_drift.ENTRIES,
    *incidents_audit.ENTRIES,
    *incidents_burn.ENTRIES,
)
CATALOGUE = {entry.code: entry for entry in _ENTRIES}
