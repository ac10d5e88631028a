"""What befalls the machine beside its line: a computer that throttles or is busy with something else, a broker that is
away, a disk that is full, a run before this one that was killed."""

from collections.abc import Callable
from dataclasses import dataclass

from edge.datapath import Incident
from edge.incidents import Told
from edge.incidents_machine import BROKER_AWAY, NOT_RECORDED, NOT_SAVED, RESTARTED, STARVED, THROTTLED
from edge.standing import Standing

_AWAY_NS = 5_000_000_000
"""A broker is looked for as long before anybody is told."""

_RESTARTED_NS = 60_000_000_000
"""For so long it is told that the machine has started again."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """As they are now. None: there is no broker, no outbox on disk, no recorder."""

    throttled: bool = False
    starved: bool = False
    online: bool | None = None
    saving: bool | None = None
    recording: bool | None = None
    watched: tuple[Told, ...] = ()
    """What those who watch the machine for decay have to say."""


class Around:
    """One run's. None of it stops the line: all are warnings. Belongs to the main thread."""

    def __init__(self, say: Callable[[Incident], object], ended: str | None = None) -> None:
        """`ended`: how the last run ended, where it did not say so itself."""
        self._standing = Standing(say, lambda held: None)
        self._ended = ended
        self._began_ns: int | None = None
        self._online_ns = 0

    def look(self, now_ns: int, seen: Surroundings) -> None:
        """Take notice."""
        if self._began_ns is None:
            self._began_ns = self._online_ns = now_ns
        if seen.online is not False:
            self._online_ns = now_ns
        away = seen.online is False and now_ns - self._online_ns >= _AWAY_NS
        restarted = self._ended is not None and now_ns - self._began_ns < _RESTARTED_NS
        told = (
            Told(RESTARTED.code, restarted, {"ended": self._ended or ""}),
            Told(THROTTLED.code, seen.throttled),
            Told(STARVED.code, seen.starved),
            Told(BROKER_AWAY.code, away),
            Told(NOT_SAVED.code, seen.saving is False),
            Told(NOT_RECORDED.code, seen.recording is False),
            *seen.watched,
        )
        self._standing.hear(told, now_ns)
