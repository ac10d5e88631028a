"""Who does what comes next in the closed loop: the alarm calls people, what they say calls the office, and its release
the machine."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from edge.update.__main__ import build
from edge.update.agent import Agent
from edge.update.journal import Journal
from edge.update.store import Store
from edge.update.trial import SelfTestProcess
from edge.updates import ask_check, read_told
from sim.timeline import NEVER_NS, START_NS
from tests.evidence.loop_line import SEED, USERS, Line, S
from tests.evidence.loop_office import Office
from tests.evidence.loop_people import Reviewers

State = Literal["watches", "reviews", "trains", "updates", "after", "over"]


@dataclass(slots=True)
class Story:
    """What happened when, in the line's seconds, and what came of it."""

    at_s: dict[str, float] = field(default_factory=dict)
    alarm: str = ""
    alarms: list[tuple[float, str]] = field(default_factory=list)
    version: str = ""
    new: str = ""
    compared: dict[str, Any] = field(default_factory=dict)
    why: str = ""


class Conductor:
    """Who does what comes next: an actor beside the line."""

    def __init__(self, line: Line, office: Office, base: Path, labels: int) -> None:
        self.story = Story()
        self.state: State = "watches"
        self._line, self._office, self._base, self._wanted = line, office, base, labels
        self._store = Store(line.update)
        self._until_s = 0.0
        self.reviewers = Reviewers(line.run.broker, line.root, USERS, line.truth, SEED)
        line.run.broker.subscribe(self._hear)
        self._steps: dict[str, Callable[[int], int]] = {
            "watches": self._watch,
            "reviews": self._review,
            "trains": self._train,
            "updates": self._update,
            "after": self._after,
        }
        self._now_ns = START_NS

    def step(self, now_ns: int) -> int:
        self._now_ns = now_ns
        return self._steps[self.state](now_ns) if self.state != "over" else NEVER_NS

    def _hear(self, topic: str, payload: bytes) -> None:
        if topic.startswith(f"{self._line.root}/alarm/drift_"):
            said = json.loads(payload)
            if said["state"] == "raised":
                self.story.alarms.append((self._at_s(self._now_ns), said["name"]))

    def _at_s(self, now_ns: int) -> float:
        return round((now_ns - START_NS) / S, 1)

    def _note(self, what: str) -> None:
        self.story.at_s[what] = self._at_s(self._now_ns)
        self._office.trial.say(f"{self.story.at_s[what]:.0f} s: {what}")

    def _watch(self, now_ns: int) -> int:
        late = self._at_s(now_ns) > self._line.plan.from_s + self._line.plan.patience_s
        heard = [name for at_s, name in self.story.alarms if at_s >= self._line.plan.from_s]
        if heard or late:
            self.story.alarm = heard[0] if heard else ""
            if heard:
                self._note("alarm")
            self.state = "reviews"
            self._note("review begins")
        return now_ns + S // 2

    def _review(self, now_ns: int) -> int:
        if self.reviewers.judged.total() < self._wanted:
            return self.reviewers.step(now_ns)
        self._note("review ends")
        self.state, self._until_s = "trains", self._at_s(now_ns) + self._line.plan.trains_s
        return now_ns + round(self._line.plan.trains_s * S)

    def _train(self, now_ns: int) -> int:
        """The pictures have had time to be written; what is said of them too."""
        folder, office = self._office.trial.folder, self._office
        version, new = folder / "version", folder / "new"
        self.story.version = office.ingest(self._line.history, version)
        self.story.new = office.train("train, with the version", new, version)
        self.story.compared = office.compare(new, self._base, version)
        if not self.story.compared["may_leave"]:
            return self._end("the comparison did not let the new bundle leave")
        office.publish(new)
        self._note("released")
        ask_check(self._line.update)
        self.state = "updates"
        return now_ns + S

    def _update(self, now_ns: int) -> int:
        told, active = read_told(self._line.update), self._store.active()
        if told and told.why:
            return self._end(f"{told.why}: {told.text}")
        if active.bundle == self.story.new and active.trial:
            self.story.at_s.setdefault("on trial", self._at_s(now_ns))
        if active.bundle == self.story.new and not active.trial:
            self._note("committed")
            self.state, self._until_s = "after", self._at_s(now_ns) + self._line.plan.after_s
        return now_ns + S

    def _after(self, now_ns: int) -> int:
        return now_ns + S if self._at_s(now_ns) < self._until_s else self._end("")

    def _end(self, why: str) -> int:
        self.story.why = why
        self.state = "over"
        return NEVER_NS


class Waiting(SelfTestProcess):
    """The line's clock stands still for it: virtual time would outrun a real process."""

    def run(self, store: Store, journal: Journal, now_ns: int) -> str | None:
        while (found := super().run(store, journal, now_ns)) is None:
            if self._child is not None:
                self._child.wait()
        return found


def agent_of(line: Line) -> Agent:
    """The update process of this line's machine, in virtual time."""
    agent = build(line.setup.profile, line.setup.profile_path)
    agent._parts = replace(agent._parts, self_test=Waiting(lambda: line.setup.profile_path))
    return agent
