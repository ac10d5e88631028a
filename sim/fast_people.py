"""What the device of a run in virtual time does for people: it hears their commands, keeps pictures and shows them.

As the live device does it, on the broker in memory: the same commands, the same rules of who may, the same album.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from edge.config import Profile
from edge.ledger.entries import Event
from edge.telemetry.commands import Desk
from edge.telemetry.deeds import Deeds
from edge.telemetry.messages import Writer
from edge.telemetry.outbox import Outbox
from edge.telemetry.reporter import Reporter
from edge.telemetry.showing import Showing
from edge.trace.pictures import Pictures
from edge.wishes import Wishes
from sim.memory_broker import MemoryBroker, MemoryPublisher
from sim.truth import stream


class Clock(Protocol):
    """The instant that a run has come to."""

    @property
    def now_ns(self) -> int: ...


class FastPeople:
    """One run's. `wishes` holds what commands have left for the line."""

    def __init__(
        self,
        profile: Profile,
        writer: Writer,
        outbox: Outbox,
        clock: Clock,
        utc: Callable[[], str],
        seed: int,
        note: Callable[[Event], None] | None = None,
    ) -> None:
        history = profile.history
        kept = history.folder is not None and history.picture_bytes_a_day > 0
        self.pictures = Pictures(profile, utc, stream(seed, "pictures")) if kept else None
        self.wishes = Wishes()
        self.reporter = Reporter(writer, outbox, self.wishes)
        deeds = Deeds(writer, outbox, self.reporter, self.wishes, album=self.pictures)
        self._desk = Desk(writer, profile.allowed, deeds.actions(), utc, note)
        self._showing = Showing(writer, self.pictures) if self.pictures else None
        self._commands = f"{writer.root}/cmd/"
        self._outbox = outbox
        self._clock = clock
        self._publisher: MemoryPublisher | None = None

    def kept(self, track_id: str) -> int | None:
        """How many pictures of a fruit are kept; None while that is open."""
        return self.pictures.kept(track_id) if self.pictures else 0

    def listen(self, broker: MemoryBroker, publisher: MemoryPublisher) -> None:
        """Hear what comes over this broker from now on, as long as the device's own `publisher` lives."""
        self._publisher = publisher
        broker.subscribe(self._hear)

    def step(self, now_ns: int) -> int:
        """Keep and show pictures; returns when to be called again."""
        if self.pictures is None or self._showing is None:
            return now_ns + 1_000_000_000
        wake_ns = self.pictures.step(now_ns)
        if self._publisher and (shown := self._showing.step(now_ns)):
            self._publisher.publish(shown.topic, shown.payload, shown.retain)
        return wake_ns

    def end(self) -> None:
        """The device has died: nobody hears any more."""
        self._publisher = None

    def close(self) -> None:
        """The run is over."""
        self.end()
        if self.pictures:
            self.pictures.close()

    def _hear(self, topic: str, payload: bytes) -> None:
        if self._publisher is None or not topic.startswith(self._commands) or topic.endswith("/result"):
            return
        if answer := self._desk.hear(topic, payload, False, self._clock.now_ns):
            self._outbox.put(answer)
