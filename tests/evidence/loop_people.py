"""Two people at the dashboard, scripted: one asks what to judge, both look and say what it is, by the page's commands.

They know the truth, take the same time for each fruit, and err at random, each alone: speed and mistakes are given
here, not measured. Where they differ the fruit is left out of the dataset.
"""

from __future__ import annotations

import json
import random
from collections import Counter, deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from edge.datapath import LABELS, UNKNOWN
from sim.memory_broker import MemoryBroker
from sim.timeline import START_NS

S = 1_000_000_000
SECONDS = 1.2
"""For each fruit: 50 a minute."""
ERRS = 0.03
_LIST = 20
_AGAIN_NS = 2 * S
_GOOD_FOR_S = 60


class Reviewers:
    """Belong to a run in virtual time. `judged` counts fruit by what they truly are; of the words about them `wrong`
    were not that, and about `split` fruit the two differ."""

    def __init__(
        self, broker: MemoryBroker, root: str, users: Sequence[str], truth: Callable[[str], str | None], seed: int
    ) -> None:
        self.judged: Counter[str] = Counter()
        self.why: Counter[str] = Counter()
        self.words = self.wrong = self.split = 0
        self.refused: list[str] = []
        self._client = broker.connect()
        self._root, self._users, self._truth = root, tuple(users), truth
        self._draw = random.Random(seed)
        self._waiting: deque[dict[str, Any]] = deque()
        self._seen: set[str] = set()
        self._asked_ns = -_AGAIN_NS
        self._commands = 0
        broker.subscribe(self._hear)

    def step(self, now_ns: int) -> int:
        """Judge one, or ask for more; returns when to be called again."""
        if not self._waiting:
            if now_ns >= self._asked_ns + _AGAIN_NS:
                self._asked_ns = now_ns
                self._command(now_ns, self._users[0], "review", most=_LIST)
            return now_ns + S // 4
        item = self._waiting.popleft()
        true = self._truth(item["track_id"])
        if true is None:
            return now_ns + S // 4
        words = [self._word(true) for _ in self._users]
        self.words += len(words)
        self.wrong += sum(word != true for word in words)
        self.split += len(set(words)) > 1
        self.judged[true] += 1
        self.why[item["why"]] += 1
        self._seen.add(item["track_id"])
        for user, word in zip(self._users, words, strict=True):
            self._command(now_ns, user, "label", track_id=item["track_id"], label=word, seconds=SECONDS)
        return now_ns + round(SECONDS * S)

    def _word(self, true: str) -> str:
        others = [label for label in (*LABELS, UNKNOWN) if label != true]
        return self._draw.choice(others) if self._draw.random() < ERRS else true

    def _command(self, now_ns: int, user: str, name: str, **said: Any) -> None:
        self._commands += 1
        until = datetime.fromtimestamp((now_ns - START_NS) / S + _GOOD_FOR_S, UTC)
        body = {"id": f"{name}-{self._commands}", "expires_utc": until.isoformat(timespec="milliseconds"), **said}
        self._client.publish(f"{self._root}/cmd/{user}/{name}", json.dumps(body).encode(), False)

    def _hear(self, topic: str, payload: bytes) -> None:
        if topic == f"{self._root}/review":
            items = json.loads(payload)["items"]
            waiting = {one["track_id"] for one in self._waiting} | self._seen
            self._waiting.extend(one for one in items if one["track_id"] not in waiting)
        elif topic.startswith(f"{self._root}/cmd/") and topic.endswith("/result"):
            answer = json.loads(payload)
            if answer["outcome"] != "done":
                self.refused.append(answer["text"])
