"""A rollout on its way, as machines tell of it."""

from edge.telemetry.messages import Message
from edge.telemetry.update_messages import Update
from tests.dashboard.pretend import PretendMachine

OLD, NEW = "factory@0123456789ab", "harvest-26@ba9876543210"
STANDINGS = (
    {"active": NEW},
    {"active": NEW},
    {"active": NEW, "state": "probation", "offered": NEW},
    {"state": "download", "offered": NEW, "progress": 0.42},
    {"refused": NEW, "why": "quality", "text": f"{NEW}: damaged: 61 of 200 fruit; 9 of 4000 on {OLD}"},
    {"waits": "window"},
    {"by": "pin", "wanted": OLD},
)
NOT_REACHED = {"by": "channel", "wanted": OLD}


def told(machine: PretendMachine, **changes: object) -> Message:
    """What a pretended machine says of its update."""
    fields = {"state": "idle", "active": OLD, "offered": None, "progress": 0.0, "why": None, "text": None}
    fields |= {"checked_utc": None, "channel": "stable", "word": 7, "wanted": NEW, "by": "rollout"}
    fields |= {"refused": None, "waits": None} | changes
    return machine.writer.encode(Update(**machine.writer.header(), **fields))
