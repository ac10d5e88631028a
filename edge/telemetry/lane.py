"""Messages that wait in memory: which goes first, and which is given up first."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass

from edge.telemetry.messages import Kind, Message

EVICT_FIRST: tuple[Kind, ...] = ("track", "metrics")
"""For want of room the oldest fruit go first, then the oldest counters but the newest of them. Nothing else ever."""

_RANK = {"alarm": 0, "metrics": 2, "track": 3}
"""What goes first; whatever is not named goes behind alarms."""


@dataclass(slots=True, eq=False)
class Entry:
    """A message in memory. `row`: where it is on disk, 0 where it is not. `rests`: backlog that is only in memory."""

    message: Message
    serial: int
    row: int = 0
    is_old: bool = False
    rests: bool = False
    resend_at_ns: int = 0


class Lane:
    """Messages that wait, a queue for each kind."""

    def __init__(self) -> None:
        self._queues: dict[Kind, deque[Entry]] = {}

    def __len__(self) -> int:
        return sum(map(len, self._queues.values()))

    def append(self, entry: Entry) -> None:
        queue = self._queues.get(entry.message.kind)
        if queue is None:
            self._queues[entry.message.kind] = queue = deque()
            self._queues = dict(sorted(self._queues.items(), key=lambda item: _RANK.get(item[0], 1)))
        queue.append(entry)

    def pop(self) -> Entry | None:
        """The oldest of the kind that goes first."""
        for queue in self._queues.values():
            if queue:
                return queue.popleft()
        return None

    def push(self, entry: Entry) -> None:
        """Back to the head of its queue."""
        self.append(entry)
        self._queues[entry.message.kind].rotate(1)

    def evict(self, kind: Kind) -> Entry | None:
        """The oldest of a kind that is only in memory. The newest counters stay."""
        queue = self._queues.get(kind, deque())
        oldest = next((entry for entry in queue if not entry.row), None)
        if oldest is None or (kind == "metrics" and oldest is queue[-1]):
            return None
        queue.remove(oldest)
        return oldest

    def remove(self, gone: Iterable[Entry]) -> None:
        which = {id(entry) for entry in gone}
        for kind, queue in self._queues.items():
            if any(id(entry) in which for entry in queue):
                self._queues[kind] = deque(entry for entry in queue if id(entry) not in which)

    def entries(self, kind: Kind | None = None) -> list[Entry]:
        """By the order in which they were put."""
        queues = self._queues.values() if kind is None else (self._queues.get(kind, ()),)
        return sorted((entry for queue in queues for entry in queue), key=lambda entry: entry.serial)
