"""The machine's road to its broker: one connection after the other.

Each connection is a paho client of its own, so that nothing of a lost one lives on: what was not acknowledged, the
outbox sends again.
"""

import random
from collections.abc import Callable, Iterable

from edge.clock import now_ns
from edge.config import Telemetry
from edge.errors import BrokerFault
from edge.log import Log
from edge.telemetry.connection import Connection, Inbound
from edge.telemetry.messages import Message

NS = 1_000_000_000
SILENT_NS = 12 * NS
"""A broker that has answered nothing for so long, two pings among it, is gone, whatever the socket says."""
STEADY_NS = 30 * NS
"""A connection that lived so long makes the next waits short again. One that broke sooner does not, or two machines
of one name would throw each other out many times a second."""
FIRST_WAIT_NS, LONGEST_WAIT_NS = NS // 2, 30 * NS

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
        greeted: Callable[[bool], None] = lambda _: None,
    ) -> None:
        """`client_id` is the same from run to run: the broker then ends the old session, will and all, before the new
        one begins. `will` and `greeting` are asked for at each connection; the greeting goes before all else, and
        `greeted` hears whether the broker took it."""
        self._settings = settings
        self._client_id = client_id
        self._will = will
        self._greeting = greeting
        self._greeted = greeted
        self._is_greeted = True
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

    def pass_on(self, message: Message, *, even_if_full: bool = False) -> bool:
        """Send at most once: now, or never. Returns whether it was sent."""
        if self._connection is None or not self._online:
            return False
        return self._connection.pass_on(message.topic, message.payload, even_if_full=even_if_full)

    def clear(self) -> bool:
        """Whether the road is open and nothing waits on it."""
        return self._connection is not None and self._online and self._connection.clear()

    def acknowledged(self) -> Iterable[int]:
        if self._connection is None:
            return ()
        mids, self._connection.acknowledged = self._connection.acknowledged, []
        if not self._is_greeted and self._online and not self._connection.greeting:
            self._is_greeted = True
            self._greeted(True)
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
            self._online, self._is_greeted, self._named = True, False, ""
            _log.info("broker online", url=self._settings.broker)

    def _lose(self, reason: str, at_ns: int) -> None:
        """The one road from a connection, or from an attempt at one, to the next attempt."""
        if self._online and at_ns - self._since_ns > STEADY_NS:
            self._failures = 0
        elif self._online:
            reason += "; soon after it was made: another machine may carry the same site and name"
        if self._connection:
            self._connection.close(goodbye=False)
        if not self._is_greeted:
            self._is_greeted = True
            self._greeted(False)
        self._connection, self._online = None, False
        wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS << min(self._failures, 10))
        self._failures += 1
        self._try_at_ns = at_ns + round(wait_ns * self._chance.uniform(0.5, 1.0))
        if reason != self._named:
            self._named = reason
            _log.warning("no broker, sorting on", url=self._settings.broker, reason=reason)
