"""The world's end of the device's wires: hears every edge of every line, and when the hand that drives them lets go.

A thread of its own stamps what only arrives: a lost connection counts at its arrival. Edges carry the device's stamps.
"""

from __future__ import annotations

import contextlib
import json
import queue
import selectors
import socket
import struct
import sys
import threading
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from edge import clock

_LOCAL_PEERPID = 2
"""Of a Unix socket on macOS (sys/un.h)."""

_UNSENT = 1 << 18
"""Bytes that may wait for a device that is busy: a few seconds of an encoder's edges."""


@dataclass(frozen=True, slots=True, order=True)
class Edge:
    """A line's new level, 0 or 1, at the device's own stamp."""

    at_ns: int
    line: int
    level: int


@dataclass(frozen=True, slots=True, order=True)
class Lost:
    """The connection ended: every line falls to its pull."""

    at_ns: int


class Wires:
    """Listens at a Unix socket for one gate process after the other. `close` ends the thread."""

    def __init__(self, path: Path) -> None:
        self.levels: dict[int, int] = {}
        """Levels of input lines that whoever connects finds: they stand, and are no edges."""
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(str(path))
        self._listener.listen(2)
        self._heard: queue.SimpleQueue[Edge | Lost] = queue.SimpleQueue()
        self._device: socket.socket | None = None
        self._told: socket.socket | None = None
        self._unsent = b""
        self._ended, self._end = socket.socketpair()
        self._thread = threading.Thread(target=self._listen, name="wires", daemon=True)
        self._thread.start()

    def take(self) -> list[Edge | Lost]:
        """What has come since the last call, in order of arrival. Never blocks."""
        heard: list[Edge | Lost] = []
        with contextlib.suppress(queue.Empty):
            while True:
                heard.append(self._heard.get_nowait())
        return heard

    def tell(self, edges: Iterable[Edge]) -> None:
        """Send input edges, each due at its instant, to whoever drives the lines now. Never blocks: what a device does
        not read is lost, as on a line that nobody watches. One thread, which need not be this object's."""
        lines = _lines(edges)
        if self._device is not self._told:
            self._told, self._unsent = self._device, b""
        if self._told is None or len(self._unsent) > _UNSENT:
            return
        self._unsent += lines
        with contextlib.suppress(OSError):
            self._unsent = self._unsent[self._told.send(self._unsent, socket.MSG_DONTWAIT) :]

    def hand(self) -> int | None:
        """The process that drives the lines now."""
        device = self._device
        if device is None:
            return None
        with contextlib.suppress(OSError):
            if sys.platform == "darwin":
                return int(device.getsockopt(0, _LOCAL_PEERPID))
            return int(struct.unpack("3i", device.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0])
        return None

    def close(self) -> None:
        self._end.close()
        self._thread.join(2.0)
        self._ended.close()
        self._listener.close()

    def _listen(self) -> None:
        rests: dict[socket.socket, bytes] = {}
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._ended, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select():
                    if key.fileobj is self._ended:
                        for device in rests:
                            device.close()
                        return
                    if key.fileobj is self._listener:
                        device, _ = self._listener.accept()
                        selector.register(device, selectors.EVENT_READ)
                        rests[device] = b""
                        self._greet(device)
                        self._device = device
                    elif isinstance(key.fileobj, socket.socket) and not self._hear(key.fileobj, rests):
                        selector.unregister(key.fileobj)

    def _greet(self, device: socket.socket) -> None:
        found = [Edge(0, line, level) for line, level in self.levels.items()]
        with contextlib.suppress(OSError):
            device.sendall(_lines(found))

    def _hear(self, device: socket.socket, rests: dict[socket.socket, bytes]) -> bool:
        """Read what is there. False once the device has gone."""
        try:
            data = device.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self._heard.put(Lost(clock.now_ns()))
            del rests[device]
            if self._device is device:
                self._device = None
            device.close()
            return False
        *lines, rests[device] = (rests[device] + data).split(b"\n")
        for line in lines:
            edge = json.loads(line)
            self._heard.put(Edge(edge["at_ns"], edge["line"], edge["level"]))
        return True


def _lines(edges: Iterable[Edge]) -> bytes:
    return b"".join(json.dumps(asdict(edge)).encode() + b"\n" for edge in edges)
