"""The device's records on their way to the world's view and report: JSON lines over a Unix socket.

`RecordStream` is the device's end, a RecordSink; `RecordInbox` the world's. Raw inputs and looks stay on the device:
they carry pixels and features, and nobody here asks for them.
"""

from __future__ import annotations

import contextlib
import json
import select
import socket
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from edge.datapath import BeltSample, GatePulse, Health, Incident, Outcome, Record, Track, Verdict

Streamed = Track | Verdict | GatePulse | Outcome | BeltSample | Incident | Health
_KINDS: dict[str, type[Streamed]] = {
    kind.__name__: kind for kind in (Track, Verdict, GatePulse, Outcome, BeltSample, Incident, Health)
}
_QUEUE = 4096
_SEND_S = 1.0


def encode(record: Streamed) -> bytes:
    """One line. A track goes without its looks."""
    bare = replace(record, looks=()) if isinstance(record, Track) else record
    return json.dumps({"kind": type(record).__name__, **asdict(bare)}, separators=(",", ":")).encode() + b"\n"


def decode(line: bytes) -> Streamed:
    """The record of one line. Raises ValueError, KeyError or TypeError where it is none."""
    fields = json.loads(line)
    kind = _KINDS[fields.pop("kind")]
    if kind is Outcome:
        fields["pulse"] = GatePulse(**fields["pulse"])
    for name in ("looks", "scores"):
        if name in fields:
            fields[name] = tuple(fields[name])
    return kind(**fields)


class RecordStream:
    """Sends records from a thread of its own. `put` never blocks: when the world does not read, the oldest go."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(_SEND_S)
        self._socket.connect(str(path))
        self._queue: deque[Streamed] = deque(maxlen=_QUEUE)
        self._wake = threading.Event()
        self._ended = False
        self._thread = threading.Thread(target=self._send, name="records", daemon=True)
        self._thread.start()

    def put(self, record: Record) -> None:
        if isinstance(record, Streamed):
            self._queue.append(record)
            self._wake.set()

    def close(self) -> None:
        """Send what waits, for a second at most."""
        self._ended = True
        self._wake.set()
        self._thread.join(_SEND_S)
        self._socket.close()

    def _send(self) -> None:
        with contextlib.suppress(OSError):  # the world has gone; the line is told by its camera
            while not self._ended or self._queue:
                self._wake.wait(_SEND_S)
                self._wake.clear()
                lines = []
                while self._queue:
                    lines.append(encode(self._queue.popleft()))
                self._send_all(b"".join(lines))

    def _send_all(self, data: bytes) -> None:
        """A world that is slow to read, as while it loads its pictures, is waited for; what comes meanwhile queues."""
        while data:
            try:
                data = data[self._socket.send(data) :]
            except TimeoutError:
                if self._ended:
                    return


class RecordInbox:
    """The world's end: takes any number of devices, one after the other. Belongs to one thread."""

    def __init__(self, path: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(4)
        self._listener.setblocking(False)
        self._devices: dict[socket.socket, bytes] = {}

    def poll(self) -> Iterator[Streamed]:
        """Whatever has arrived, in order. Never blocks."""
        while select.select([self._listener], [], [], 0)[0]:
            device, _ = self._listener.accept()
            device.setblocking(False)
            self._devices[device] = b""
        for device in list(self._devices):
            yield from self._read(device)

    def close(self) -> None:
        for each in (self._listener, *self._devices):
            each.close()
        self._devices.clear()

    def _read(self, device: socket.socket) -> Iterator[Streamed]:
        while device in self._devices:
            try:
                data = device.recv(1 << 16)
            except BlockingIOError:
                return
            except OSError:
                data = b""
            *lines, rest = (self._devices[device] + data).split(b"\n")
            self._devices[device] = rest
            yield from map(decode, lines)
            if not data:
                del self._devices[device]
                device.close()
