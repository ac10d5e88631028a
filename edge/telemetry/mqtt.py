"""The broker by paho-mqtt: one connection after the other.

Each connection is a paho client of its own, so that nothing of a lost one lives on: what was not acknowledged, the
outbox sends again. paho runs no thread here: `serve` is its loop.
"""

import random
import ssl
from collections.abc import Callable, Iterable
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.clock import now_ns
from edge.config import Telemetry
from edge.log import Log
from edge.telemetry.messages import Message

NS = 1_000_000_000
CONNECT_S = 5.0
KEEPALIVE_S = 5
SILENT_NS = 12 * NS
"""A broker that has answered nothing for so long, two pings among it, is gone, whatever the socket says."""
STEADY_NS = 30 * NS
"""A connection that lived so long makes the next waits short again. One that broke sooner does not, or two machines
of one name would throw each other out many times a second."""
FIRST_WAIT_NS, LONGEST_WAIT_NS = NS // 2, 30 * NS
MOST_UNACKNOWLEDGED = 256

_log = Log("telemetry")


class _Connection:
    """One paho client, from its connect to its end. Raises OSError or ValueError where it cannot connect."""

    def __init__(
        self, settings: Telemetry, client_id: str, will: Message, greet: Callable[[], Iterable[Message]]
    ) -> None:
        self.accepted = False
        self.refusal = ""
        self.answered = False
        self.acknowledged: list[int] = []
        self._greet = greet
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=True, reconnect_on_failure=False
        )
        self._client.max_inflight_messages_set(MOST_UNACKNOWLEDGED)
        self._client.max_queued_messages_set(MOST_UNACKNOWLEDGED)
        self._client.connect_timeout = CONNECT_S
        self._client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish
        self._client.on_log = self._on_log
        url = urlsplit(str(settings.broker))
        if url.scheme == "mqtts":
            self._client.tls_set_context(ssl.create_default_context())
        if settings.username is not None:
            secret = settings.password_file
            password = secret.read_text(encoding="utf-8").strip() if secret else None
            self._client.username_pw_set(settings.username, password)
        port = url.port or (8883 if url.scheme == "mqtts" else 1883)
        self._client.connect(url.hostname or "", port, keepalive=KEEPALIVE_S)

    def serve(self, timeout_s: float) -> str:
        """Read and write for at most so long; returns why the connection has ended, "" while it lives."""
        code = self._client.loop(timeout_s)
        return "" if code == MQTTErrorCode.MQTT_ERR_SUCCESS else self.refusal or "the connection was lost"

    def publish(self, topic: str, payload: bytes, retain: bool) -> int | None:
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        return sent.mid if sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def close(self) -> None:
        """Say goodbye, so that the broker leaves the last will unsaid."""
        self._client.disconnect()

    def _on_connect(
        self, _: Client, __: object, ___: ConnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        """Called for a refusal too: only the reason code tells."""
        if reason.is_failure:
            self.refusal = f"it refuses: {reason}"
            return
        for message in self._greet():
            self.publish(message.topic, message.payload, message.retain)
        self.accepted = self.answered = True

    def _on_publish(self, _: Client, __: object, mid: int, ___: ReasonCode, ____: Properties) -> None:
        self.answered = True
        self.acknowledged.append(mid)

    def _on_log(self, _: Client, __: object, ___: int, text: str) -> None:
        """paho has no callback for an answered ping; its log line is the one public sign of it."""
        if text == "Received PINGRESP":
            self.answered = True


class PahoPublisher:
    """Answers ports.Publisher. `online` from any thread, the rest from the thread that steps it."""

    def __init__(
        self,
        settings: Telemetry,
        client_id: str,
        will: Callable[[], Message],
        greeting: Callable[[], Iterable[Message]],
        chance: random.Random | None = None,
    ) -> None:
        """`client_id` is the same from run to run: the broker then ends the old session, will and all, before the new
        one begins. `will` and `greeting` are asked for at each connection; the greeting goes before all else."""
        self._settings = settings
        self._client_id = client_id
        self._will = will
        self._greeting = greeting
        self._chance = chance or random.Random()
        self._connection: _Connection | None = None
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
            self._connection.close()
        self._connection, self._online = None, False

    def give_up(self, reason: str, at_ns: int) -> None:
        """Drop the connection, whatever it is doing, and try anew later."""
        self._lose(reason, at_ns)

    def _connect(self, at_ns: int) -> None:
        self._base += 1 << 16  # a mid has 16 bits: no token of one connection is a token of another
        try:
            self._connection = _Connection(self._settings, self._client_id, self._will(), self._greeting)
        except (OSError, ValueError) as error:
            self._lose(str(error), at_ns)
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
        self._connection, self._online = None, False
        wait_ns = min(LONGEST_WAIT_NS, FIRST_WAIT_NS << min(self._failures, 10))
        self._failures += 1
        self._try_at_ns = at_ns + round(wait_ns * self._chance.uniform(0.5, 1.0))
        if reason != self._named:
            self._named = reason
            _log.warning(
                "no broker, sorting on; start one there or correct [telemetry] broker in the profile",
                url=self._settings.broker,
                reason=reason,
            )
