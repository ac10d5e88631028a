"""The catalogue's part on the machine as a whole: its load, its computer, its people, and the ends of a run."""

from edge.entry import Entry

# The line as a whole.

OVERLOAD = Entry(
    code="overload",
    severity="warning",
    what="fruit are shed to the belt's end, {shed:.0f} so far",
    why="more fruit come than this computer can look at, or it runs slower than it can",
    remedy="feed less, or slow the belt",
    latch=False,
)

# The computer and what it is connected to.

THROTTLED = Entry(
    code="throttled",
    severity="warning",
    what="this computer runs slower than it can",
    why="it is too hot, or its power supply gives too little",
    remedy="cool it, or mend its power supply; until then feed less or slow the belt, as it says in metrics",
    latch=False,
)
BROKER_AWAY = Entry(
    code="broker_away",
    severity="warning",
    what="the broker does not answer: messages wait here",
    why="it is down, or the network to it is",
    remedy="see that it runs and can be reached; what waits is sent then; of too much, the oldest go",
    latch=False,
)
NOT_SAVED = Entry(
    code="not_saved",
    severity="warning",
    what="the disk takes no messages: they wait in memory, and a power cut would lose them",
    why="the disk is full, or broken; the log has the system's word",
    remedy="make room in [telemetry] outbox, or set fewer bytes; they are saved by themselves then",
    latch=False,
)
STARVED = Entry(
    code="starved",
    severity="warning",
    what="the line waits for the processor for much of its time",
    why="another program, or a thread of its own process, computes without end",
    remedy="see what else this computer runs (top), and end it; until then the machine has less time in hand",
    latch=False,
)
RESTARTED = Entry(
    code="restarted",
    severity="warning",
    what="the machine has started again: its last run {ended}",
    why="a watchdog, a want of memory or somebody ended it before it could say why, or the power went",
    remedy="see the log of the time before; it sorts again by itself, and this is gone in a minute",
    latch=False,
)
NOT_RECORDED = Entry(
    code="not_recorded",
    severity="warning",
    what="the black box or the ledger cannot write: what happens now is not recorded",
    why="the disk is full, or broken; the log has the system's word",
    remedy="make room in the folders of [recorder] and [history], or set fewer bytes; it records again by itself",
    latch=False,
)

# What people do.

E_STOP = Entry(
    code="e_stop",
    severity="error",
    what="the emergency stop is pressed",
    why="somebody has pressed it, or its cable is cut: its contact is open",
    remedy="see that nobody is in danger, then release the button: it sorts again at once",
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

ENDS = frozenset({GATES_LOST.code, CAMERA_LOST.code, INTERNAL_FAULT.code})
"""What stands for no longer than it takes to start again."""

# The state that every error above leads to.

SAFE_STATE = Entry(
    code="safe_state",
    severity="error",
    what="every gate is released and all fruit run to the belt's end",
    why="an error stands, or the machine stopped itself",
    remedy="see to the first error that was raised",
    latch=False,
)

ENTRIES = (
    *(OVERLOAD, THROTTLED, STARVED, BROKER_AWAY, NOT_SAVED, NOT_RECORDED, RESTARTED),
    *(E_STOP,),
    *(GATES_LOST, CAMERA_LOST, INTERNAL_FAULT),
    *(SAFE_STATE,),
)
