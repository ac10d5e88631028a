"""A mosquitto of the bench's own on the loopback, and whoever listens to it in a process beside."""

import contextlib
import getpass
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from edge.clock import now_ns, sleep_until
from edge.errors import UsageFault

LOOPBACK = "127.0.0.1"
NS = 1_000_000_000
_READY_NS = 10 * NS


class Mosquitto:
    """One broker that keeps what its subscribers have not heard, over restarts too. Raises UsageFault where there is
    none to start."""

    def __init__(self, folder: Path) -> None:
        path = f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin"
        program = shutil.which("mosquitto", path=path)
        if program is None:
            raise UsageFault("mosquitto: not on PATH; apt install mosquitto")
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            self.port = int(probe.getsockname()[1])
        settings = folder / "mosquitto.conf"
        settings.write_text(
            f"listener {self.port} {LOOPBACK}\nallow_anonymous true\nuser {getpass.getuser()}\n"
            f"persistence true\npersistence_location {folder}/\nmax_queued_messages 0\nmax_inflight_messages 0\n",
            encoding="utf-8",
        )
        self._command = [program, "-c", str(settings)]
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"mqtt://{LOOPBACK}:{self.port}"

    def start(self) -> None:
        """Start it and wait until it listens."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        give_up_ns = now_ns() + _READY_NS
        while now_ns() < give_up_ns and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection((LOOPBACK, self.port), 1.0):
                return
            sleep_until(now_ns() + NS // 50)
        raise UsageFault(f"mosquitto: does not listen on {LOOPBACK}:{self.port}; try again")

    def stop(self) -> None:
        """End it; it writes down what it holds."""
        if self._process:
            self._process.terminate()
            self._process.wait(_READY_NS / NS)
            self._process = None


class Listener:
    """A subscriber with a lasting session, in a process of its own: it disturbs nobody's clock."""

    def __init__(self, port: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "edge.bench.listener", str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self.ask()

    def ask(self) -> dict[str, Any]:
        """What it has heard so far: see `edge.bench.listener`."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(b"\n")
        self._process.stdin.flush()
        said: dict[str, Any] = json.loads(self._process.stdout.readline())
        return said

    def tracks(self, run_id: str) -> list[str]:
        """The fruit of a run, in the order of their coming, without repeats of a message."""
        tracks: list[str] = self.ask()["tracks"].get(run_id, [])
        return tracks

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(_READY_NS / NS)
        self._process.stdout.close()


@contextlib.contextmanager
def broker_and_listener(folder: Path) -> Iterator[tuple[Mosquitto, Listener]]:
    """Both, until the end of the block."""
    broker = Mosquitto(folder)
    try:
        listener = Listener(broker.port)
        try:
            yield broker, listener
        finally:
            listener.close()
    finally:
        broker.stop()
