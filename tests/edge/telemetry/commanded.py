"""A machine that hears commands, for tests: its desk, and what came of them."""

import json
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

from edge.datapath import Incident
from edge.kept import Answered, Asked, Word
from edge.telemetry.commands import Desk
from edge.telemetry.deeds import Deeds
from edge.telemetry.messages import Message, Writer
from edge.telemetry.reporter import Reporter
from edge.wishes import Wishes

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
ROOT = "sorter/v1/packing/line-1"
ALLOWED = {
    "anna": ["feed", "label", "acknowledge", "preview", "check-update", "review", "pictures", "lot"],
    "wall": ["preview"],
}


class Kept:
    def __init__(self) -> None:
        self.messages: list[Message] = []

    def put(self, message: Message, settles: object = None) -> None:
        self.messages.append(message)

    def draft(self, message: Message, settles: object) -> None:
        """What is not yet told."""


class OneAlbum:
    """Keeps pictures of nothing, and the last of what it hears."""

    def __init__(self) -> None:
        self.asked: deque[Asked] = deque(maxlen=100)
        self.words: deque[Word] = deque(maxlen=100)
        self.answers: deque[Answered] = deque()
        self.full = False

    def ask(self, asked: Asked) -> bool:
        self.asked.append(asked)
        return not self.full

    def say(self, word: Word) -> None:
        self.words.append(word)

    def answered(self) -> Answered | None:
        return self.answers.popleft() if self.answers else None


class Commanded:
    """`acts` counts whatever was done; the wall clock stands unless `pass_` moves it."""

    def __init__(self) -> None:
        self.now = NOW
        self.now_ns = 1_000_000_000
        self.box = Kept()
        self.wishes = Wishes()
        self.watched = 0
        writer = Writer("packing", "line-1", "run", self.utc)
        self.reporter = Reporter(writer, self.box)
        self.reporter.put(Incident(1, "encoder_slips", "raised", {"percent": 4.2}))
        self.reporter.put(Incident(1, "lane_jam", "raised", {"lanes": "0"}))
        self.box.messages.clear()
        self.acts = 0
        self.done: list[tuple[str, dict[str, Any]]] = []
        self.album = OneAlbum()
        actions = Deeds(writer, self.box, self.reporter, self.wishes, self._watch, None, self.album).actions()
        self.desk = Desk(writer, ALLOWED, {name: self._counted(act) for name, act in actions.items()}, self.utc)

    def utc(self) -> str:
        return self.now.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.now_ns += round(seconds * 1e9)

    def _watch(self) -> None:
        self.watched += 1

    def _counted(self, act):
        def counted(command, user):
            self.acts += 1
            return act(command, user)

        return counted

    def hear(self, name: str, user: str = "anna", retained: bool = False, **fields: Any) -> dict[str, Any] | None:
        """Give a command, good for 30 s unless `expires_s` or `expires_utc` says otherwise; returns its answer."""
        expires = self.now + timedelta(seconds=fields.pop("expires_s", 30))
        payload = {"id": "c1", "expires_utc": expires.isoformat()} | fields
        return self.hear_bytes(name, json.dumps(payload).encode(), user, retained)

    def hear_bytes(self, name: str, payload: bytes, user: str = "anna", retained: bool = False):
        answer = self.desk.hear(f"{ROOT}/cmd/{user}/{name}", payload, retained, self.now_ns)
        if answer is None:
            return None
        assert answer.topic == f"{ROOT}/cmd/{user}/{name}/result"
        return json.loads(answer.payload)
