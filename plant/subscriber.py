"""The collector's end of the wire: a session that the broker keeps, by which several collectors share the work.

A message is acknowledged once it is on disk, so neither a crash here nor one of the broker loses it; it may come twice,
and (run_id, seq) tells.
"""

import json
import re
import select
from collections.abc import Callable
from datetime import datetime
from urllib.parse import urlsplit

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage, MQTTv5
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from edge.config import Telemetry
from edge.errors import BrokerFault
from edge.telemetry import tls
from plant.journal import Row
from plant.parquet import KINDS

CONNECT_S, KEEPALIVE_S = 10.0, 30
SESSION_S = 7 * 86_400
"""So long the broker keeps what came while a collector was away."""
MOST_AT_ONCE = 1_000
LARGEST_BYTES = 65_536
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,31}")
DAY = re.compile(r"\d{4}-\d\d-\d\dT")
_OF_TOPIC = {
    "tracks": "track",
    "labels": "label",
    "metrics": "metrics",
    "status": "status",
    "info": "info",
    "gap": "gap",
}


Keep = Callable[[list[tuple[str, Row]]], None]
"""Told (kind, message) pairs; on return they survive a power cut."""


class Subscriber:
    """One connection. Raises BrokerFault where it is refused. All methods belong to one thread."""

    def __init__(
        self, settings: Telemetry, name: str, group: str | None, keep: Callable[[list[tuple[str, Row]]], None]
    ) -> None:
        """`name`: the collector's own, the same at every start; `group`: those that share the work,
        None where it is alone. mosquitto forgets a group's subscription over its own restart, and keeps that of one
        alone: what is said between its start and the group's return is then lost to the group."""
        self.rejected = 0
        self.accepted = False
        self._group = group
        self._keep = keep
        self._came: list[MQTTMessage] = []
        self._refusal = ""
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"sorter-collect-{name}",
            protocol=MQTTv5,
            manual_ack=True,
            reconnect_on_failure=False,
        )
        self._client.connect_timeout = CONNECT_S
        self._client.on_connect = self._on_connect
        self._client.on_message = lambda _, __, said: self._came.append(said)
        self._client.on_subscribe = lambda _, __, ___, reasons, ____: self._granted(reasons)
        wanted = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        wanted.SessionExpiryInterval, wanted.ReceiveMaximum, wanted.MaximumPacketSize = SESSION_S, MOST_AT_ONCE, 262_144
        url = urlsplit(str(settings.broker))
        try:
            if url.scheme == "mqtts":
                self._client.tls_set_context(tls.context(settings))
            if settings.username is not None:
                self._client.username_pw_set(settings.username, tls.password(settings))
            port = url.port or (8883 if url.scheme == "mqtts" else 1883)
            self._client.connect(url.hostname or "", port, KEEPALIVE_S, clean_start=False, properties=wanted)
        except (OSError, BrokerFault) as error:
            why = tls.explained(error) if isinstance(error, OSError) else str(error)
            raise BrokerFault(f"{settings.broker}: {_as_options(why)}") from None

    def serve(self, timeout_s: float) -> int:
        """Take what has come, keep it, acknowledge it; returns how many. Raises BrokerFault at its end."""
        code = self._client.loop(timeout_s)
        while code == MQTTErrorCode.MQTT_ERR_SUCCESS and len(self._came) < MOST_AT_ONCE and self._has_more():
            code = self._client.loop(0.0)
        came, self._came = self._came, []
        rows = [row for message in came if (row := self._row(message))]
        if rows:
            self._keep(rows)
        for message in came:
            self._client.ack(message.mid, message.qos)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS or self._refusal:
            self.close()
            raise BrokerFault(self._refusal or "the connection to the broker was lost")
        return len(came)

    def close(self) -> None:
        """Leave; the broker keeps the session."""
        self._client.disconnect()
        if (socket := self._client.socket()) is not None:
            socket.close()
        # Without the callbacks, which hold us, the client and its socket pair go when we do.
        self._client.on_connect = self._client.on_message = self._client.on_subscribe = None

    def _has_more(self) -> bool:
        socket = self._client.socket()
        return socket is not None and bool(select.select([socket], [], [], 0.0)[0])

    def _on_connect(
        self, _: Client, __: object, ___: ConnectFlags, reason: ReasonCode, ____: Properties | None
    ) -> None:
        if reason.is_failure:
            self._refusal = f"the broker refuses: {reason}; correct --username and --password-file"
            return
        wanted = SubscribeOptions(qos=1)
        prefix = f"$share/{self._group}/" if self._group else ""
        for topic in (*_OF_TOPIC, "alarm/+"):
            self._client.subscribe(f"{prefix}sorter/v1/+/+/{topic}", options=wanted)

    def _granted(self, reasons: list[ReasonCode]) -> None:
        self.accepted = True
        if any(reason.is_failure for reason in reasons):
            self._refusal = f"the broker refuses the subscription: {reasons[0]}; give the user the role collector"

    def _row(self, message: MQTTMessage) -> tuple[str, Row] | None:
        """(kind, message), with the site and machine that the topic proves; None for what no machine sends."""
        found = as_row(message.topic, bytes(message.payload))
        self.rejected += found is None
        return found


def _as_options(why: str) -> str:
    """What is a key of a profile to a machine is an option here."""
    why = why.replace("[telemetry] in the profile", "--broker")
    return re.sub(r"\[telemetry\] (\w+)", lambda key: f"--{key[1].replace('_', '-')}", why)


def as_row(topic: str, payload: bytes) -> tuple[str, Row] | None:
    """What a message is in the archive; None where it is none of the contract's."""
    levels = topic.split("/")
    if len(levels) < 5 or len(payload) > LARGEST_BYTES:
        return None
    kind = "alarm" if levels[4] == "alarm" else _OF_TOPIC.get(levels[4], "")
    try:
        row = json.loads(payload)
    except (ValueError, RecursionError):
        return None
    named = all(NAME.fullmatch(level) for level in levels[2:4])
    if kind not in KINDS or not named or not isinstance(row, dict) or not _is_whole(row):
        return None
    return kind, row | {"site": levels[2], "machine": levels[3]}


def _is_whole(row: Row) -> bool:
    try:
        instant = datetime.fromisoformat(row["ts_utc"])
    except (KeyError, TypeError, ValueError):
        return False
    is_named = isinstance(row.get("run_id"), str) and isinstance(row.get("seq"), int)
    return is_named and instant.tzinfo is not None and DAY.match(row["ts_utc"]) is not None
