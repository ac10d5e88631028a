"""The wires between the device and the world: a gpiozero pin factory that is loaded inside the gate process.

`GPIOZERO_PIN_FACTORY=sim` selects it, `SORTER_SIM_PINS` names the world's Unix socket. Every output's level goes to the
world as `{"line": 17, "level": 1, "at_ns": ...}` when the line is set up and at each edge. Input edges come back in the
same form with the instant at which they are due, and are applied on a thread of their own, as lgpio does. A lost
connection drops every line to its pull in the world, as a dead process does on a real chip; here it changes nothing.
"""

import fcntl
import heapq
import json
import os
import select
import socket
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from gpiozero import BadPinFactory
from gpiozero.pins.mock import MockFactory, MockPin

from edge.clock import from_monotonic_ns, now_ns

SOCKET_VARIABLE = "SORTER_SIM_PINS"
BOARD = "c03111"
"""A Raspberry Pi 4 Model B."""

CONNECT_WITHIN_S = 5.0
IDLE_S = 1.0
BATCH_S = 0.001
"""Edges are handed over this late at most, several at a time: an encoder has thousands a second, each stamped."""

READ_BYTES = 4_096


class SimPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A pin whose output edges the world sees, and whose inputs the world may drive."""

    _driven = False

    def output_with_state(self, state: bool) -> None:
        """Claim the line at a level: as on a real chip, it never shows another in between."""
        self._function = "output"
        self._state = bool(state)
        self.factory.tell(self)

    def _change_state(self, value: bool) -> bool:
        # The mock's own also keeps every state that the pin was ever in.
        if self._state == value:
            return False
        self._state = value
        self._last_change = self.factory.ticks()
        if self._function == "output":
            self.factory.tell(self)
        return True

    def _set_pull(self, value: str) -> None:
        # A pull is weaker than what drives the line.
        if self._driven:
            self._pull = value
        else:
            super()._set_pull(value)

    def arrive(self, state: bool, ticks: float) -> None:
        """An input edge, stamped with the instant at which it was due, as the kernel does."""
        self._driven = True
        if self._state == state:
            return
        self._state = state
        self._last_change = ticks
        if self._when_changed is not None and self._edges in ("both", "rising" if state else "falling"):
            self._call_when_changed()


def _taken(path: str) -> IO[bytes]:
    """One process drives the lines at a time, as on a real chip; the system itself lets go of them for one that dies.
    Raises BadPinFactory where another has them."""
    hand = Path(f"{path}.hand").open("ab")  # noqa: SIM115  # as long as the factory
    try:
        fcntl.flock(hand, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        hand.close()
        raise BadPinFactory(f"{SOCKET_VARIABLE} = {path}: GPIO busy: another process drives the lines") from None
    return hand


class SimFactory(MockFactory):  # type: ignore[misc]  # gpiozero has no types
    """gpiozero calls it without arguments. Raises BadPinFactory where there is no world to connect to."""

    def __init__(self) -> None:
        path = os.environ.get(SOCKET_VARIABLE)
        if not path:
            raise BadPinFactory(f"{SOCKET_VARIABLE} is not set: it names the simulator's socket; start `sorter sim`")
        super().__init__(BOARD, SimPin)
        self._hand = _taken(path)
        self._world = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._world.settimeout(CONNECT_WITHIN_S)
        try:
            self._world.connect(path)
        except OSError as error:
            self._world.close()
            self._hand.close()
            raise BadPinFactory(f"{SOCKET_VARIABLE} = {path}: no simulator answers there: {error.strerror}") from None
        self._world.setblocking(False)
        self._connected = True
        self._rest = b""
        self._inputs = threading.Thread(target=self._apply_inputs, name="sim-pins", daemon=True)
        self._inputs.start()

    def tell(self, pin: SimPin) -> None:
        """Send a line's level. A world that is gone, or has stopped reading, loses the connection; nothing else."""
        if not self._connected:
            return
        line = int(pin.info.name.removeprefix("GPIO"))
        edge = {"line": line, "level": int(pin.state), "at_ns": now_ns()}
        data = json.dumps(edge).encode() + b"\n"
        try:
            sent = self._world.send(data)
        except OSError:
            sent = 0
        if sent != len(data):
            self._hang_up()

    def close(self) -> None:
        super().close()
        self._hang_up()
        self._inputs.join(IDLE_S)
        self._hand.close()

    def _hang_up(self) -> None:
        self._connected = False
        with suppress(OSError):
            self._world.shutdown(socket.SHUT_RDWR)

    def _apply_inputs(self) -> None:
        due: list[tuple[int, int, int]] = []
        with self._world:
            while self._connected:
                wait_s = max(BATCH_S, (due[0][0] - now_ns()) / 1e9) if due else IDLE_S
                if select.select([self._world], [], [], wait_s)[0] and not self._hear(due):
                    break
                offset_ns, until_ns = from_monotonic_ns(0), now_ns()
                while due and due[0][0] <= until_ns:
                    at_ns, line, level = heapq.heappop(due)
                    self._drive(line, level, (at_ns - offset_ns) / 1e9)
            self._connected = False

    def _hear(self, due: list[tuple[int, int, int]]) -> bool:
        """Take in the edges that are there. False once the world is gone, or says something else than edges."""
        with suppress(OSError, ValueError, KeyError, TypeError):
            if not (data := self._world.recv(READ_BYTES)):
                return False
            *lines, self._rest = (self._rest + data).split(b"\n")
            for edge in map(json.loads, lines):
                heapq.heappush(due, (int(edge["at_ns"]), int(edge["line"]), int(edge["level"])))
            return True
        return False

    def _drive(self, line: int, level: int, ticks: float) -> None:
        pin: Any = self.pin(line)
        if pin.function == "input":
            pin.arrive(bool(level), ticks)
