"""Messages as machines say them, for the archive's tests."""

import json

from edge.datapath import Incident
from edge.telemetry.command_messages import LabelEvent
from edge.telemetry.messages import Message, Writer
from edge.telemetry.reporter import Reporter
from plant.subscriber import as_row
from tests.edge.telemetry.commanded import Kept
from tests.edge.telemetry.records import a_health, a_track, a_verdict, an_outcome


class Said:
    """One machine's run, a second a message."""

    def __init__(self, machine: str = "line-1", run_id: str = "run", day: int = 1) -> None:
        self._second = 0
        self._day = day
        self.kept = Kept()
        self.writer = Writer("packing", machine, run_id, self._utc)
        self._reporter = Reporter(self.writer, self.kept)

    def _utc(self) -> str:
        self._second += 1
        return (
            f"2026-01-{self._day:02}T{self._second // 3600:02}:{self._second // 60 % 60:02}:{self._second % 60:02}.000Z"
        )

    def fruit(self, n: int, outlet: str = "red") -> None:
        self._reporter.put(a_track(n))
        self._reporter.put(a_verdict(n, outlet))
        if outlet != "end":
            self._reporter.put(an_outcome(n))

    def everything(self) -> list[Message]:
        """Fruit, counters, an alarm that clears, a label."""
        for n in range(20):
            self.fruit(n, "red" if n % 4 else "end")
            if n % 5 == 0:
                self._reporter.put(a_health(verdicts=n))
        for state in ("raised", "cleared"):
            self._reporter.put(Incident(1, "overload", state, {"shed": 1}))
        event = LabelEvent(**self.writer.header(), user="anna", command_id="c1", track_id="run.3", label="damaged")
        self.kept.put(self.writer.encode(event))
        self.kept.put(self.writer.status("online"))
        return self.kept.messages


def rows(messages: list[Message]):
    found = [as_row(message.topic, message.payload) for message in messages]
    assert None not in found
    return found


def identities(messages: list[Message]) -> set[tuple[str, int]]:
    held = [json.loads(message.payload) for message in messages]
    return {(one["run_id"], one["seq"]) for one in held}
