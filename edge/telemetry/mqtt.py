"""The machine's road to its broker: one connection after the other, and all of telemetry as one step.

Each connection is a paho client of its own, so that nothing of a lost one lives on: what was not acknowledged, the
outbox sends again.
"""

import random
from collections.abc import Callable, Iterable

from edge.clock import now_ns
from edge.config import Profile, Telemetry
from edge.datapath import Record
from edge.errors import BrokerFault
from edge.log import Log
from edge.telemetry.commands import CommandCounts, Desk
from edge.telemetry.connection import Connection, Inbound
from edge.telemetry.deeds import Deeds
from edge.telemetry.messages import Message, Writer
from edge.telemetry.outbox import MemoryOutbox
from edge.telemetry.preview import Previewer
from edge.telemetry.reporter import Reporter
from edge.wishes import Wishes

NS = 1_000_000_000
SILENT_NS = 12 * NS
"""A broker that has answered nothing for so long, two pings among it, is gone, whatever the socket says."""
STEADY_NS = 30 * NS
"""A connection that lived so long makes the next waits short again. One that broke sooner does not, or two machines
of one name would throw each other out many times a second."""
FIRST_WAIT_NS, LONGEST_WAIT_NS = NS // 2, 30 * NS
GOODBYE_NS = NS

_log = Log("telemetry")


class PahoPublisher:
    """Answers ports.Publisher. `online` from any thread, the rest from the thread that steps it."""

    def __init__(
        self,
        settings: Telemetry,
        client_id: str,
        will: Callable[[], Message],
        greeting: Callable[[], Iterable[Message]],
        chance: random.Random | None = None,
        inbound: Inbound | None = None,
    ) -> None:
        """`client_id` is the same from run to run: the broker then ends the old session, will and all, before the new
        one begins. `will` and `greeting` are asked for at each connection; the greeting goes before all else."""
        self._settings = settings
        self._client_id = client_id
        self._will = will
        self._greeting = greeting
        self._chance = chance or random.Random()
        self._inbound = inbound
        self._connection: Connection | None = None
        self._online = False
        self._since_ns = self._answered_at_ns = self._try_at_ns = 0
        self._failures = 0
        self._named = ""
        self._base = 0

    def publish(self, topic: str, payload: bytes, retain: bool) -> int | None:
        if self._connection is None or not self._online:
            return None
        mid = self._connection.publish(topic, payload, retain)
        return None if mid is None else self._base + mid

    def pass_on(self, message: Message) -> None:
        """Send at most once: now, or never."""
        if self._connection and self._online:
            self._connection.pass_on(message.topic, message.payload)

    def acknowledged(self) -> Iterable[int]:
        if self._connection is None:
            return ()
        mids, self._connection.acknowledged = self._connection.acknowledged, []
        return [self._base + mid for mid in mids]

    def online(self) -> bool:
        return self._online

    def step(self, at_ns: int) -> int:
        """Connect when it is time, give up a silent connection; returns when to be called again."""
        if self._connection is None:
            if at_ns >= self._try_at_ns:
                self._connect(at_ns)
        elif self._connection.answered:
            self._connection.answered = False
            self._answered_at_ns = at_ns
            self._welcome()
        elif at_ns - self._answered_at_ns > SILENT_NS:
            self._lose("it has fallen silent", at_ns)
        return at_ns + NS if self._connection else self._try_at_ns

    def serve(self, timeout_s: float) -> bool:
        """Read and write, waiting for the broker at most so long. False at once where there is no connection."""
        if self._connection is None:
            return False
        if ended := self._connection.serve(timeout_s):
            self._lose(ended, now_ns())
        return True

    def close(self, farewell: Message, until_ns: int) -> None:
        """Leave on purpose: the farewell, acknowledged if that comes in time, then a goodbye that holds the last will
        back."""
        token = self.publish(farewell.topic, farewell.payload, farewell.retain)
        while token is not None and token not in self.acknowledged() and now_ns() < until_ns and self.serve(0.05):
            pass
        if self._connection:
            self._connection.close(goodbye=True)
        self._connection, self._online = None, False

    def give_up(self, reason: str, at_ns: int) -> None:
        """Drop the connection, whatever it is doing, and try anew later."""
        self._lose(reason, at_ns)

    def _connect(self, at_ns: int) -> None:
        self._base += 1 << 16  # a mid has 16 bits: no token of one connection is a token of another
        try:
            self._connection = Connection(self._settings, self._client_id, self._will(), self._greeting, self._inbound)
        except BrokerFault as fault:
            self._lose(str(fault), at_ns)
        else:
            self._since_ns = self._answered_at_ns = now_ns()

    def _welcome(self) -> None:
        if self._connection and self._connection.accepted and not self._online:
            self._online, self._named = True, ""
            _log.info("broker online", url=self._settings.broker)

    def _lose(self, reason: str, at_ns: int) -> None:
        """The one road from a connection, or from an attempt at one, to the next attempt."""
        if self._online and at_ns - self._since_ns > STEADY_NS:
            self._failures = 0
        elif self._online:
            reason += "; soon after it was made: another machine may carry the same site and name"
        if self._connection:
            self._connection.close(goodbye=False)
        self._connection, self._online = None, False
        wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS << min(self._failures, 10))
        self._failures += 1
        self._try_at_ns = at_ns + round(wait_ns * self._chance.uniform(0.5, 1.0))
        if reason != self._named:
            self._named = reason
            _log.warning("no broker, sorting on", url=self._settings.broker, reason=reason)


class MqttTelemetry:
    """One run's telemetry: `put` from the thread that makes the records, `step` from one that may wait for a broker."""

    def __init__(
        self,
        profile: Profile,
        run_id: str,
        bundle: str,
        self_test: dict[str, float | None] | None = None,
        wishes: Wishes | None = None,
    ) -> None:
        """`bundle` is the `name@digest` that grades, `self_test` what `info` says of it, `wishes` where commands leave
        theirs. The profile names a broker."""
        self._writer = Writer(profile.site, profile.machine, run_id)
        self._publisher = PahoPublisher(
            profile.telemetry,
            client_id=f"sorter-{profile.site}-{profile.machine}",
            will=self._writer.last_will,
            greeting=lambda: (self._writer.status("online"), self._writer.info(profile, bundle, self_test)),
            inbound=Inbound((f"{self._writer.root}/cmd/+/+",), self._hear),
        )
        self._outbox = MemoryOutbox(self._publisher, profile.telemetry.queue)
        self._reporter = Reporter(self._writer, self._outbox)
        self.preview = Previewer(self._writer, profile)
        deeds = Deeds(
            self._writer, self._outbox, self._reporter, wishes or Wishes(), lambda: self.preview.watch(now_ns())
        )
        self._desk = Desk(self._writer, profile.commands, deeds.actions())

    def put(self, record: Record) -> None:
        """Answers RecordSink."""
        self._reporter.put(record)
        self.preview.put(record)

    def step(self, at_ns: int) -> int:
        """Send and hear what can be; returns when to be called again. Only a connect makes it wait, for seconds at
        most."""
        try:
            wake_ns = self._publisher.step(at_ns)
            self._publisher.serve(0.0)
            if preview := self.preview.step(at_ns):
                self._publisher.pass_on(preview)
            return min(wake_ns, self._outbox.step(at_ns))
        except Exception as error:  # a fault on the road to the broker is a lost connection, never a lost thread
            self._publisher.give_up(f"{type(error).__name__}: {error}", at_ns)
            return at_ns + NS

    def _hear(self, topic: str, payload: bytes, retained: bool) -> None:
        if answer := self._desk.hear(topic, payload, retained, now_ns()):
            self._publisher.publish(answer.topic, answer.payload, answer.retain)

    @property
    def commanded(self) -> CommandCounts:
        """What became of the commands that have come."""
        return self._desk.counts

    def queued(self) -> int:
        """Messages that wait or are on their way."""
        return self._outbox.counts().queued

    def shed(self) -> int:
        """Messages given up so far, for want of room."""
        return self._outbox.counts().shed

    def online(self) -> bool:
        """Whether the broker has answered lately."""
        return self._publisher.online()

    def close(self) -> None:
        """Send what waits and say goodbye, within a second. Once `step` is no longer called."""
        self._reporter.close()
        until_ns = now_ns() + GOODBYE_NS
        while self.online() and self.queued() and now_ns() < until_ns:
            self.step(now_ns())
            self._publisher.serve(0.02)
        if self.online():
            self._publisher.close(self._writer.status("stopped"), until_ns)
        if left := self.queued():
            _log.warning("stopped with messages unsent", messages=left)
