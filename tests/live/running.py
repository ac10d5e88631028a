"""`sorter sim` as a user starts it, and another client of its broker that listens."""

import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from edge.clock import now_ns, sleep_until
from tests.live.kills import child
from tests.live.test_sim import environ

MS = 1_000_000
MACHINE = "sorter/v1/desk/demo"


class Running:
    """`sorter sim` as a user starts it, and where its parts are."""

    def __init__(self, process: subprocess.Popen[str], url: str, port: int) -> None:
        self.process = process
        self.url = url
        self.port = port

    @property
    def broker_pid(self) -> int:
        return child(self.process.pid, "mosquitto")


@contextmanager
def running(*scenario: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "edge.cli", "sim", *scenario]
    process = subprocess.Popen(command, env=environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: [None for _ in process.stdout or ()], daemon=True)
    try:
        said = next(found for line in process.stdout if (found := re.search(r"dashboard: (\S+);.* -p (\d+)", line)))
        reader.start()
        yield Running(process, said[1], int(said[2]))
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(5)
        process.stdout.close()


@contextmanager
def heard(port: int, topic: str) -> Iterator[Callable[[Callable[[dict], bool]], dict]]:
    """Waits for a message below the machine's topic, as another client of the broker hears it."""
    messages: list[dict] = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.on_message = lambda _, __, message: messages.append(json.loads(message.payload))
    client.connect("127.0.0.1", port)
    client.subscribe(f"{MACHINE}/{topic}")
    client.loop_start()

    def wait(wanted: Callable[[dict], bool]) -> dict:
        deadline_ns = now_ns() + 10_000 * MS
        while now_ns() < deadline_ns:
            if found := next(filter(wanted, messages), None):
                return found
            sleep_until(now_ns() + 20 * MS)
        raise AssertionError(f"not heard on {topic}; only {messages[-3:]}")

    try:
        sleep_until(now_ns() + 300 * MS)
        yield wait
    finally:
        client.disconnect()
        client.loop_stop()
