"""The emergency stop's contact through gpiozero: heard at its edge, and felt by its level at every step."""

import contextlib
from collections import deque
from collections.abc import Callable

from gpiozero import Factory, InputDevice

from edge.errors import GateFault
from edge.sort.gpio import pin_factory
from edge.sort.wire import StopLine


class PinStop:
    """Answers ports.StopContact. The line is pulled to the level that stops, so that a contact which opens, and a cable
    that is cut, stop alike. Edges arrive on the driver's thread, which rings; the rest belongs to the gate process's
    own."""

    def __init__(self, line: StopLine, ring: Callable[[], object], factory: Factory | None = None) -> None:
        """Claims the line. `ring` is called at each edge and must not raise. `factory` None takes the one that
        GPIOZERO_PIN_FACTORY names. Raises GateFault where the line cannot be had."""
        self._stops_at = line.active_high
        self._ring = ring
        self._pressed: deque[bool] = deque(maxlen=1)
        factory = factory or pin_factory()
        try:
            self._device = InputDevice(line.pin, pull_up=line.active_high, pin_factory=factory)
            self._device.pin.when_changed = self._changed
        except Exception as error:
            raise GateFault(f"[safety] e_stop_pin = {line.pin}: cannot be claimed: {error}") from None

    def pressed(self, now_ns: int) -> bool:
        was = bool(self._pressed)
        self._pressed.clear()
        try:
            return was or bool(self._device.pin.state) == self._stops_at
        except Exception:
            return True

    def close(self) -> None:
        """Give the line back. Never raises."""
        with contextlib.suppress(Exception):
            self._device.close()

    def _changed(self, ticks: float, state: bool) -> None:
        if bool(state) == self._stops_at:
            self._pressed.append(True)
        self._ring()
