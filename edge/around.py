"""What befalls the machine beside its line: a computer that throttles, a broker that is away, a disk that is full."""

from collections.abc import Callable

from edge.datapath import Incident
from edge.incidents import Told
from edge.incidents_machine import BROKER_AWAY, NOT_RECORDED, THROTTLED
from edge.standing import Standing

_AWAY_NS = 5_000_000_000
"""A broker is looked for as long before anybody is told."""


class Around:
    """One run's. None of it stops the line: all are warnings. Belongs to the main thread."""

    def __init__(self, say: Callable[[Incident], object]) -> None:
        self._standing = Standing(say, lambda held: None)
        self._online_ns: int | None = None

    def look(self, now_ns: int, throttled: bool, online: bool | None, recording: bool | None) -> None:
        """Take notice. `online`, `recording`: None where there is no broker, no recorder."""
        if online is not False or self._online_ns is None:
            self._online_ns = now_ns
        away = online is False and now_ns - self._online_ns >= _AWAY_NS
        self._standing.hear(
            (
                Told(THROTTLED.code, throttled),
                Told(BROKER_AWAY.code, away),
                Told(NOT_RECORDED.code, recording is False),
            ),
            now_ns,
        )
