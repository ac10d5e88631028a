"""An encoder's lines through gpiozero, with the kernel's stamps where the pin factory hands them on, as lgpio does."""

import contextlib
from collections import deque

from gpiozero import Factory, InputDevice

from edge.clock import from_monotonic_ns
from edge.datapath import BeltSample
from edge.errors import GateFault
from edge.sort.gpio import pin_factory
from edge.sort.wheel import WheelEncoder
from edge.sort.wire import EncoderLines

_UNREAD = 8_192
"""Edges that wait for the next sample; more than a second of them. What overflows is lost travel, which tracks show."""


class PinEncoder:
    """Answers ports.Encoder. Edges arrive on the driver's thread; everything else belongs to the gate process's own."""

    def __init__(self, lines: EncoderLines, factory: Factory | None = None) -> None:
        """Claims the lines with a pull-up. `factory` None takes the one that GPIOZERO_PIN_FACTORY names. Raises
        GateFault where a line cannot be had."""
        self._wheel = WheelEncoder(lines.um_per_edge, lines.pin_b is not None, lines.shortest_ns)
        self._heard: deque[tuple[float, int, int]] = deque(maxlen=_UNREAD)
        self._devices: list[InputDevice] = []
        factory = factory or pin_factory()
        for name, pin in (("a", lines.pin_a), ("b", lines.pin_b)):
            if pin is None:
                continue
            try:
                self._devices.append(InputDevice(pin, pull_up=True, pin_factory=factory))
            except Exception as error:
                self.close()
                raise GateFault(f"[encoder] pin_{name} = {pin}: cannot be claimed: {error}") from None
        levels = [int(device.pin.state) for device in self._devices]
        self._wheel.start((levels[0], levels[-1]))
        for device, tell in zip(self._devices, (self._a_changed, self._b_changed), strict=False):
            device.pin.when_changed = tell

    def sample(self, now_ns: int) -> BeltSample:
        # One conversion for all edges: two of them must keep their distance.
        offset_ns = from_monotonic_ns(0)
        edges = [self._heard.popleft() for _ in range(len(self._heard))]
        for ticks_s, channel, level in sorted(edges):
            self._wheel.edge(round(ticks_s * 1e9) + offset_ns, channel, level)
        return self._wheel.sample(now_ns)

    def close(self) -> None:
        """Give the lines back. Never raises."""
        for device in self._devices:
            with contextlib.suppress(Exception):
                device.close()

    def _a_changed(self, ticks: float, state: bool) -> None:
        self._heard.append((ticks, 0, int(state)))

    def _b_changed(self, ticks: float, state: bool) -> None:
        self._heard.append((ticks, 1, int(state)))
