"""The exit sensors' lines through gpiozero, with the kernel's stamps where the pin factory hands them on."""

import contextlib
from collections import deque
from collections.abc import Sequence

from gpiozero import Factory, InputDevice

from edge.clock import from_monotonic_ns
from edge.datapath import Fall
from edge.errors import GateFault
from edge.sort.gpio import pin_factory
from edge.sort.wire import ExitLine

_UNREAD = 1_024
"""Edges that wait to be asked for: many seconds of them."""


class PinExits:
    """Answers ports.ExitSensors. Edges arrive on the driver's thread; the rest belongs to the gate process's own."""

    def __init__(self, lines: Sequence[ExitLine], factory: Factory | None = None) -> None:
        """Claims the lines with a pull-up. `factory` None takes the one that GPIOZERO_PIN_FACTORY names. Raises
        GateFault where a line cannot be had."""
        self._heard: deque[tuple[float, str, bool]] = deque(maxlen=_UNREAD)
        self._devices: list[InputDevice] = []
        self._beams: list[_Beam] = []  # gpiozero itself holds none of what it calls
        factory = factory or pin_factory()
        for line in lines:
            try:
                device = InputDevice(line.pin, pull_up=True, pin_factory=factory)
                self._beams.append(_Beam(line.gate, self._heard))
                device.pin.when_changed = self._beams[-1].changed
            except Exception as error:
                self.close()
                raise GateFault(f"[gates.{line.gate}] exit_pin = {line.pin}: cannot be claimed: {error}") from None
            self._devices.append(device)

    def falls(self, now_ns: int) -> list[Fall]:
        offset_ns = from_monotonic_ns(0)
        edges = sorted(self._heard.popleft() for _ in range(len(self._heard)))
        return [Fall(gate, round(ticks_s * 1e9) + offset_ns, ended=whole) for ticks_s, gate, whole in edges]

    def close(self) -> None:
        """Give the lines back. Never raises."""
        for device in self._devices:
            with contextlib.suppress(Exception):
                device.close()


class _Beam:
    """One line's edges, as they come."""

    def __init__(self, gate: str, heard: deque[tuple[float, str, bool]]) -> None:
        self._gate = gate
        self._heard = heard

    def changed(self, ticks: float, state: bool) -> None:
        self._heard.append((ticks, self._gate, bool(state)))
