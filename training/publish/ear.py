"""What machines say on `update`, as the broker hands it on: retained, so that the last word of each comes at once.

Who says it is the topic, since a broker's rules let a machine write to its own topics alone; nothing in a payload
names a machine.
"""

import json
import select
import ssl
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from pydantic import ValidationError

from edge.errors import BrokerFault, UsageFault
from training.publish.fleet import is_machine
from training.publish.rollout import Said

CONNECT_S, KEEPALIVE_S = 10.0, 30
QUIET_S = 1.0
"""After so long without a message, all that the broker has kept is here."""
LARGEST_BYTES = 65_536
MOST_MACHINES = 20_000
TOPIC = "sorter/v1/+/+/update"


@dataclass(frozen=True, slots=True)
class Broker:
    """Where it is, and who asks: any user that may read `sorter/v1/#`."""

    url: str
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None


@dataclass
class Ear:
    """One connection, made anew when it was lost. `heard`: site/machine to what it said last. One thread."""

    broker: Broker
    heard: dict[str, Said] = field(default_factory=dict)
    passed_over: int = 0
    _client: Client | None = None
    _refusal: str = ""
    _granted: bool = False
    _came: int = 0

    def listen(self, for_s: float, until_quiet: bool = False) -> None:
        """Take what comes in so many seconds; with `until_quiet` no longer than the broker has something kept. Raises
        BrokerFault where it cannot be had; the next call tries again."""
        client = self._client or self._connect()
        end = time.monotonic() + for_s
        quiet = time.monotonic() + QUIET_S
        while (now := time.monotonic()) < end and not (until_quiet and self._granted and now >= quiet):
            came = self._came
            code = client.loop(min(0.2, max(0.0, end - now)))
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._refusal:
                self.close()
                raise BrokerFault(f"{self.broker.url}: {self._refusal or 'the connection was lost'}")
            if self._came > came or not self._granted:
                quiet = time.monotonic() + QUIET_S
        if not self._granted:
            self.close()
            raise BrokerFault(f"{self.broker.url}: says nothing")

    def rest(self, for_s: float) -> None:
        """Wait before the next try."""
        select.select([], [], [], for_s)

    def close(self) -> None:
        """Leave. What was heard stays."""
        client, self._client = self._client, None
        if client is None:
            return
        client.disconnect()
        if (socket := client.socket()) is not None:
            socket.close()
        client.on_connect = client.on_message = client.on_subscribe = None  # they hold us

    def _connect(self) -> Client:
        self._refusal, self._granted = "", False
        url = urlsplit(self.broker.url)
        if url.scheme not in ("mqtt", "mqtts") or not url.hostname:
            raise UsageFault(f"--broker {self.broker.url}: must be mqtt://host or mqtts://host, :port where it differs")
        client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.connect_timeout = CONNECT_S
        client.on_connect = self._on_connect
        client.on_message = lambda _, __, message: self._hear(message)
        client.on_subscribe = lambda _, __, ___, reasons, ____: self._on_granted(reasons)
        try:
            if url.scheme == "mqtts":
                client.tls_set_context(ssl.create_default_context(cafile=self.broker.ca_file))
            if self.broker.username is not None:
                client.username_pw_set(self.broker.username, self._password())
            client.connect(url.hostname, url.port or (8883 if url.scheme == "mqtts" else 1883), KEEPALIVE_S)
        except OSError as error:  # of TLS too
            raise BrokerFault(f"{self.broker.url}: {error.strerror or error}") from None
        self._client = client
        return client

    def _password(self) -> str | None:
        path = self.broker.password_file
        try:
            return path.read_text(encoding="utf-8").strip() if path else None
        except (OSError, ValueError) as error:
            raise UsageFault(f"--password-file {path}: cannot be read: {error}") from None

    def _on_connect(
        self, client: Client, _: object, __: ConnectFlags, reason: ReasonCode, ___: Properties | None
    ) -> None:
        if reason.is_failure:
            self._refusal = f"refuses: {reason}; correct --username and --password-file"
            return
        client.subscribe(TOPIC, 1)

    def _on_granted(self, reasons: list[ReasonCode]) -> None:
        if any(reason.is_failure for reason in reasons):
            self._refusal = "refuses the subscription; give the user the role operator or dashboard"
        self._granted = True

    def _hear(self, message: MQTTMessage) -> None:
        self._came += 1
        _, _, site, name, *_ = (*message.topic.split("/"), "", "", "", "")
        machine = f"{site}/{name}"
        said = said_of(bytes(message.payload))
        if said is None or not is_machine(machine) or (machine not in self.heard and len(self.heard) >= MOST_MACHINES):
            self.passed_over += 1
            return
        self.heard[machine] = said


def said_of(payload: bytes) -> Said | None:
    """None for what is no word of an update."""
    if len(payload) > LARGEST_BYTES:
        return None
    try:
        return Said.model_validate(json.loads(payload))
    except (ValueError, RecursionError, ValidationError):
        return None
