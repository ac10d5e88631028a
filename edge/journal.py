"""The system's journal by its native protocol, so that each value of a line is a field of its own there.

`journalctl SORTER_PART=telemetry`, `journalctl -o json -t sorter`: see systemd's JOURNAL_NATIVE_PROTOCOL.
"""

import re
import socket
from collections.abc import Mapping
from pathlib import Path

SOCKET = Path("/run/systemd/journal/socket")
IDENTIFIER = "sorter"


class Journal:
    """One socket to the journal. Raises OSError where there is none, or where it takes nothing now."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        try:
            self._socket.connect(str(path))
        except OSError:
            self._socket.close()
            raise
        self._socket.setblocking(False)

    def send(self, priority: int, message: str, part: str, values: Mapping[str, object]) -> None:
        """`priority` is syslog's."""
        said = {"MESSAGE": message, "PRIORITY": priority, "SYSLOG_IDENTIFIER": IDENTIFIER, "SORTER_PART": part}
        said |= {field_name(key): value for key, value in values.items()}
        self._socket.send(b"".join(_field(name, str(value)) for name, value in said.items()))

    def close(self) -> None:
        self._socket.close()


def field_name(key: str) -> str:
    """As the journal takes it: of A-Z, 0-9 and _."""
    return "SORTER_" + re.sub(r"[^A-Z0-9_]", "_", key.upper())


def _field(name: str, value: str) -> bytes:
    held = value.encode(errors="replace")
    if b"\n" not in held:
        return name.encode() + b"=" + held + b"\n"
    return name.encode() + b"\n" + len(held).to_bytes(8, "little") + held + b"\n"
