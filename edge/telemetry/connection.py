"""One connection to a broker by paho-mqtt, from its connect to its end.

paho runs no thread here: `serve` is its loop. All methods belong to one thread.
"""

import select
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.config import Telemetry
from edge.errors import BrokerFault
from edge.telemetry import tls
from edge.telemetry.messages import Message

CONNECT_S = 5.0
KEEPALIVE_S = 5
MOST_UNACKNOWLEDGED = 256


EXPIRES_S = {"metrics": 3_600, "result": 60}
"""By the last part of a topic: how long a broker keeps a message for a subscriber that is away, where MQTT 5 is spoken.
What is not named here is kept for as long as the broker keeps anything."""
MOST_READ = 64
"""Packets read at one call, at most: whoever floods the machine waits, and what it has to say does not."""


@dataclass(frozen=True, slots=True)
class Inbound:
    """What a machine hears: topic filters, and who is told (topic, payload, whether it was kept for latecomers)."""

    topics: Sequence[str]
    hear: Callable[[str, bytes, bool], None]


class Connection:
    """One paho client, from its connect to its end. Raises BrokerFault where it cannot connect."""

    def __init__(
        self,
        settings: Telemetry,
        client_id: str,
        will: Message | None,
        greet: Callable[[], Iterable[Message]],
        inbound: Inbound | None = None,
    ) -> None:
        self.accepted = False
        self.refusal = ""
        self.answered = False
        self.acknowledged: list[int] = []
        self.greeting: set[int] = set()
        self._greet = greet
        self._inbound = inbound
        self._is_5 = settings.mqtt == "5"
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if self._is_5 else True,
            protocol=MQTTProtocolVersion.MQTTv5 if self._is_5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self._client.max_inflight_messages_set(MOST_UNACKNOWLEDGED)
        self._client.max_queued_messages_set(MOST_UNACKNOWLEDGED)
        self._client.connect_timeout = CONNECT_S
        if will is not None:
            self._client.will_set(will.topic, will.payload, qos=1, retain=will.retain)
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish
        self._client.on_log = self._on_log
        self._client.on_message = self._on_message
        try:
            self._connect(settings)
        except (OSError, ValueError) as error:
            why = tls.explained(error) if isinstance(error, OSError) else f"{error}; correct [telemetry] in the profile"
            raise BrokerFault(why) from None

    def _connect(self, settings: Telemetry) -> None:
        url = urlsplit(str(settings.broker))
        if url.scheme == "mqtts":
            self._client.tls_set_context(tls.context(settings))
        if settings.username is not None:
            self._client.username_pw_set(settings.username, tls.password(settings))
        port = url.port or (8883 if url.scheme == "mqtts" else 1883)
        self._client.connect(url.hostname or "", port, keepalive=KEEPALIVE_S)

    def serve(self, timeout_s: float) -> str:
        """Read and write for at most so long; returns why the connection has ended, "" while it lives."""
        code = self._client.loop(timeout_s)
        for _ in range(MOST_READ):
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS or not self._has_more():
                break
            code = self._client.loop(0.0)
        return "" if code == MQTTErrorCode.MQTT_ERR_SUCCESS else self.refusal or "the connection was lost"

    def publish(self, topic: str, payload: bytes, retain: bool) -> int | None:
        sent = self._client.publish(topic, payload, qos=1, retain=retain, properties=self._expiry(topic))
        return sent.mid if sent.rc == MQTTErrorCode.MQTT_ERR_SUCCESS else None

    def pass_on(self, topic: str, payload: bytes, *, even_if_full: bool = False) -> bool:
        """Send at most once, and not at all while the road is full; returns whether it was sent."""
        if self._client.want_write() and not even_if_full:
            return False
        return self._client.publish(topic, payload, qos=0).rc == MQTTErrorCode.MQTT_ERR_SUCCESS

    def good_until(self) -> str | None:
        """To when the broker's certificate is good, as OpenSSL writes it; None where TLS is not spoken."""
        link = self._client.socket()
        told = link.getpeercert() if isinstance(link, ssl.SSLSocket) else None
        return str(told["notAfter"]) if told else None

    def clear(self) -> bool:
        """Whether nothing waits to be written."""
        return not self._client.want_write()

    def close(self, *, goodbye: bool) -> None:
        """End it now. With a goodbye the broker leaves the last will unsaid."""
        if goodbye:
            self._client.disconnect()
        if (socket := self._client.socket()) is not None:
            socket.close()
        # The callbacks are ours and we hold the client: without them, it and its socket pair go with us.
        self._client.on_connect = self._client.on_publish = self._client.on_log = self._client.on_message = None

    def _on_connect(
        self, _: Client, __: object, ___: ConnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        """Called for a refusal too: only the reason code tells."""
        if reason.is_failure:
            self.refusal = f"it refuses: {reason}; correct [telemetry] username and password_file"
            return
        if self._inbound and self._inbound.topics:
            self._client.subscribe([(topic, 1) for topic in self._inbound.topics])
        sent = [self.publish(message.topic, message.payload, message.retain) for message in self._greet()]
        self.greeting = {mid for mid in sent if mid is not None}
        self.accepted = self.answered = True

    def _expiry(self, topic: str) -> Properties | None:
        if not self._is_5 or (expires_s := EXPIRES_S.get(topic.rsplit("/", 1)[-1])) is None:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        properties.MessageExpiryInterval = expires_s
        return properties

    def _on_publish(self, _: Client, __: object, mid: int, ___: ReasonCode, ____: Properties) -> None:
        self.answered = True
        self.acknowledged.append(mid)
        self.greeting.discard(mid)

    def _on_message(self, _: Client, __: object, heard: MQTTMessage) -> None:
        if self._inbound:
            self._inbound.hear(heard.topic, bytes(heard.payload), heard.retain)

    def _has_more(self) -> bool:
        socket = self._client.socket()
        return socket is not None and bool(select.select([socket], [], [], 0.0)[0])

    def _on_log(self, _: Client, __: object, ___: int, text: str) -> None:
        """paho has no callback for an answered ping, nor for a TLS alert; its log line is the one public sign."""
        if text == "Received PINGRESP":
            self.answered = True
        self.refusal = tls.alert(text) or self.refusal
