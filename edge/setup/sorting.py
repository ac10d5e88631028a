"""The first fruit: the machine itself runs until so many have passed, and says what it made of them."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from edge.app import run
from edge.config import Profile
from edge.datapath import BeltSample, Outcome, Record, Verdict
from edge.machine import build
from edge.preflight import preflight

PATIENCE_NS = 180_000_000_000
"""Without enough fruit it ends after so long."""


@dataclass(slots=True)
class Sorted:
    """What became of the first fruit: verdicts by label, pulses by result; `status` of the run."""

    labels: Counter[str] = field(default_factory=Counter)
    results: Counter[str] = field(default_factory=Counter)
    status: int = 0

    @property
    def fired(self) -> int:
        return self.results["fired"]


class Watch:
    """A RecordSink: counts, and asks the run to end once so many pulses have been fired, or time is up. Its first
    verdict comes after the start, which is not counted."""

    def __init__(self, fruit: int, tell: Callable[[str], None], end: Callable[[], None]) -> None:
        self.found = Sorted()
        self._fruit = fruit
        self._tell = tell
        self._end = end
        self._since_ns: int | None = None
        self._ended = False

    def put(self, record: Record) -> None:
        if isinstance(record, Verdict):
            self.found.labels[record.label] += 1
        elif isinstance(record, Outcome):
            self.found.results[record.result] += 1
            if record.result == "fired" and self.found.fired <= self._fruit:
                self._tell(f"  {self.found.fired:>3}  gate {record.pulse.gate}")
        if not self._ended and (self.found.fired >= self._fruit or self._is_late(record)):
            self._ended = True
            self._end()

    def _is_late(self, record: Record) -> bool:
        if not isinstance(record, BeltSample):
            return False
        self._since_ns = self._since_ns or record.at_ns
        return record.at_ns - self._since_ns > PATIENCE_NS


def _nowhere_kept(profile: Profile) -> Profile:
    """What the service's own user must be able to write is not begun here by another."""
    return profile.model_copy(
        update={
            "recorder": profile.recorder.model_copy(update={"folder": None}),
            "telemetry": profile.telemetry.model_copy(update={"outbox": None}),
            "update": profile.update.model_copy(update={"source": None}),
        }
    )


def sort_fruit(path: Path, fruit: int, tell: Callable[[str], None]) -> Sorted:
    """Run the machine of a profile until so many fruit went through their gates. Raises as `sorter run` does."""
    profile, _ = preflight(path)
    machine = build(_nowhere_kept(profile), path.parent)
    watch = Watch(fruit, tell, lambda: os.kill(os.getpid(), signal.SIGTERM))
    watch.found.status = run(replace(machine, listeners=(*machine.listeners, watch)))
    return watch.found
