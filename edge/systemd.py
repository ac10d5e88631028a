"""What the service tells systemd: READY, WATCHDOG, STOPPING, over the socket that it names (sd_notify(3)).

Without `NOTIFY_SOCKET` nothing is told. A lost message is no fault of the line's: it sorts on, and systemd judges.
"""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from pathlib import Path


class Notifier:
    """One end of the notify socket. Never blocks, never raises. Belongs to one thread."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = _address(environ.get("NOTIFY_SOCKET", ""))
        self._socket: socket.socket | None = None
        # A quarter of the time-out: three messages may be lost before systemd loses patience.
        self._every_ns = int(environ.get("WATCHDOG_USEC") or 0) * 1000 // 4
        self._next_ns = 0
        if self._address:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
            self._socket.setblocking(False)

    def ready(self, status: str) -> None:
        """The service works from now on. `status` is one line for `systemctl status`."""
        self._say(f"READY=1\nSTATUS={status}")

    def status(self, status: str) -> None:
        """What `systemctl status` says from now on."""
        self._say(f"STATUS={status}")

    def watchdog(self, now_ns: int) -> None:
        """The service is alive. Call it as often as you like: it is said four times per time-out."""
        if self._every_ns and now_ns >= self._next_ns:
            self._next_ns = now_ns + self._every_ns
            self._say("WATCHDOG=1")

    def stopping(self, status: str) -> None:
        self._say(f"STOPPING=1\nSTATUS={status}")

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _say(self, message: str) -> None:
        if self._socket is not None and self._address:
            with contextlib.suppress(OSError):
                self._socket.sendto(message.encode(), self._address)


def _address(name: str) -> str | None:
    """systemd writes an address of Linux's abstract namespace with `@` in place of its leading zero byte."""
    return "\0" + name[1:] if name.startswith("@") else name or None


def runtime_folder(environ: Mapping[str, str]) -> Path | None:
    """The service's folder on a tmpfs (RuntimeDirectory, systemd.exec(5)); None where there is none."""
    return _folder(environ, "RUNTIME_DIRECTORY")


def state_folder(environ: Mapping[str, str]) -> Path | None:
    """The service's folder that outlives the power (StateDirectory); None where there is none."""
    return _folder(environ, "STATE_DIRECTORY")


def _folder(environ: Mapping[str, str], name: str) -> Path | None:
    named = environ.get(name, "").partition(":")[0]
    return Path(named) if named else None
