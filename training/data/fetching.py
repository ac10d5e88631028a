"""Fruit that people judged, fetched from a machine over its broker: the list in pages, each fruit's stream in parts.

A part that does not come is asked for again from where the stream stands, so a poor road costs time alone.
"""

from __future__ import annotations

import base64
import hashlib
import json
import ssl
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from edge.errors import BrokerFault, UsageFault
from edge.kept import unstreamed
from training.data.fruit import Fruit
from training.data.harvest import Found

PAGE = 50
ANSWER_S, TRIES = 3.0, 5
SPACING_S = 0.08
"""Between two commands: a machine heeds twenty a second of each user."""

MOST_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Road:
    """`url`: mqtt(s)://host[:port]/site/machine. Commands are given as `username`, else as `desk`."""

    url: str
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None


def is_road(source: str) -> bool:
    return source.startswith(("mqtt://", "mqtts://"))


def from_broker(road: Road) -> Iterator[Found]:
    """Every fruit that somebody has judged. Raises UsageFault, BrokerFault where the broker or the machine does not
    answer, or the user may not ask."""
    with _Line(road) as line:
        after: str | None = None
        while True:
            told = {"most": PAGE, "judged": True} | ({"after": after} if after else {})
            items = line.ask("review", told)["items"]
            if not items:
                return
            for item in items:
                if (found := line.fruit(str(item["track_id"]))) is not None:
                    yield found
            after = str(items[-1]["track_id"])


class _Line:
    """One connection. One thread."""

    def __init__(self, road: Road) -> None:
        url = urlsplit(road.url)
        site, _, machine = url.path.strip("/").partition("/")
        if not (url.hostname and site and machine) or "/" in machine:
            raise UsageFault(f"{road.url}: must be mqtt://host/SITE/MACHINE, or mqtts://, :port where it differs")
        self._road, self._user = road, road.username or "desk"
        self._source = f"{site}-{machine}"
        self._root = f"sorter/v1/{site}/{machine}"
        self._answers: dict[str, dict[str, Any]] = {}
        self._refused: dict[str, str] = {}
        self._at_s = 0.0
        self._client = Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        self._client.on_message = lambda _, __, message: self._hear(message)
        try:
            if url.scheme == "mqtts":
                self._client.tls_set_context(ssl.create_default_context(cafile=road.ca_file))
            if road.username is not None:
                self._client.username_pw_set(road.username, self._password())
            self._client.connect(url.hostname, url.port or (8883 if url.scheme == "mqtts" else 1883), 30)
        except OSError as error:
            raise BrokerFault(f"{road.url}: {error.strerror or error}") from None
        topics = ("review", "pictures", f"cmd/{self._user}/+/result")
        self._client.subscribe([(f"{self._root}/{topic}", 1) for topic in topics])

    def __enter__(self) -> _Line:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        if (socket := self._client.socket()) is not None:
            socket.close()
        self._client.on_message = None  # it holds us

    def ask(self, name: str, told: dict[str, Any]) -> dict[str, Any]:
        """A command's own answer; asked for again where it does not come."""
        for _ in range(TRIES):
            command_id = uuid.uuid4().hex
            self._serve(self._at_s + SPACING_S)
            self._at_s = time.monotonic()
            expires = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
            payload = json.dumps({"id": command_id, "expires_utc": expires, **told})
            self._client.publish(f"{self._root}/cmd/{self._user}/{name}", payload, qos=1)
            self._serve(self._at_s + ANSWER_S, command_id)
            if command_id in self._answers:
                return self._answers.pop(command_id)
            if (why := self._refused.pop(command_id, "")) and "wait a moment" not in why:
                raise BrokerFault(f"{self._road.url}: refused: {why}")
        raise BrokerFault(f"{self._road.url}: no answer to {name}; is the machine there, and may {self._user} ask it?")

    def fruit(self, track_id: str) -> Found | None:
        """One fruit, whole; None where it is not kept any more, or torn."""
        stream, digest = b"", ""
        while True:
            part = self.ask("pictures", {"track_id": track_id, "offset": len(stream)})
            if not 0 < part["total"] <= MOST_BYTES:
                return None
            if part["sha256"] != digest:  # somebody spoke of it meanwhile: from the beginning
                stream, digest = b"", str(part["sha256"])
                if part["offset"]:
                    continue
            stream += base64.b64decode(part["data"])
            if len(stream) >= part["total"] or not part["data"]:
                break
        try:
            if hashlib.sha256(stream).hexdigest() != digest:
                return None
            kept, pictures, words = unstreamed(stream)
        except ValueError:
            return None
        return Found(Fruit(self._source, kept, tuple(words)), pictures) if kept.track_id == track_id else None

    def _serve(self, until_s: float, command_id: str = "") -> None:
        """Until then, or until the command is answered."""
        while (now_s := time.monotonic()) < until_s and not (
            command_id in self._answers or command_id in self._refused
        ):
            if self._client.loop(min(0.1, until_s - now_s)) != MQTTErrorCode.MQTT_ERR_SUCCESS:
                raise BrokerFault(f"{self._road.url}: the connection was lost, or refused: see --username")

    def _hear(self, message: MQTTMessage) -> None:
        try:
            said = json.loads(message.payload)
            if said["user"] != self._user:
                return
            if message.topic.endswith("/result"):
                if said["outcome"] != "done":
                    self._refused[said["id"]] = str(said["text"])
            else:
                self._answers[said["id"]] = said
        except (ValueError, KeyError, TypeError):
            return

    def _password(self) -> str | None:
        path = self._road.password_file
        try:
            return path.read_text(encoding="utf-8").strip() if path else None
        except (OSError, ValueError) as error:
            raise UsageFault(f"--password-file {path}: cannot be read: {error}") from None
