"""`python -m edge.bench.listener PORT`: counts what a broker on the loopback delivers, and says so when asked.

For each line on standard input, one of JSON. `messages` counts all that came; the others are without repeats, in the
order of their coming: `heard` the numbers by run and last part of the topic, `tracks` the fruit by run, `live` the
instant at which each fruit came whose name begins so, `gaps` those messages.
"""

import contextlib
import json
import sys
import threading
from typing import Any

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from edge.clock import now_ns


class Heard:
    """What has come. `on_message` in paho's thread, `said` in the main one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._messages = 0
        self._seen: set[tuple[str, int]] = set()
        self._heard: dict[str, dict[str, list[int]]] = {}
        self._tracks: dict[str, list[str]] = {}
        self._live: dict[str, int] = {}
        self._gaps: list[dict[str, Any]] = []

    def on_message(self, _: Client, __: object, message: MQTTMessage) -> None:
        at_ns, said = now_ns(), json.loads(message.payload)
        key = (said["run_id"], said["seq"])
        if key[1] == 0:
            return
        with self._lock:
            self._messages += 1
            if key in self._seen:
                return
            self._seen.add(key)
            kind = message.topic.rsplit("/", 1)[-1]
            self._heard.setdefault(key[0], {}).setdefault(kind, []).append(key[1])
            track_id = said.get("track_id", "")
            if track_id:
                self._tracks.setdefault(key[0], []).append(track_id)
            if track_id.startswith("live"):
                self._live[track_id] = at_ns
            if kind == "gap":
                self._gaps.append(said)

    def said(self) -> str:
        with self._lock:
            return json.dumps(
                {
                    "messages": self._messages,
                    "heard": self._heard,
                    "tracks": self._tracks,
                    "live": self._live,
                    "gaps": self._gaps,
                }
            )


def main() -> None:
    """Until standard input ends."""
    heard, subscribed = Heard(), threading.Event()
    client = Client(CallbackAPIVersion.VERSION2, client_id="listener", clean_session=False)
    client.reconnect_delay_set(1, 1)

    def on_connect(_: Client, __: object, ___: ConnectFlags, ____: ReasonCode, _____: Properties | None) -> None:
        client.subscribe("sorter/v1/#", qos=1)

    client.on_connect = on_connect
    client.on_message = heard.on_message
    client.on_subscribe = lambda *_: subscribed.set()
    client.connect("127.0.0.1", int(sys.argv[1]))
    client.loop_start()
    subscribed.wait(10.0)
    for _ in sys.stdin:
        with contextlib.suppress(BrokenPipeError):
            sys.stdout.write(heard.said() + "\n")
            sys.stdout.flush()
    client.disconnect()
    client.loop_stop()


if __name__ == "__main__":
    main()
