"""The lines that say that the gate process lives, through gpiozero: one that beats, for a relay that drops when it
stands; and those that are simply high meanwhile, for the camera's light and its trigger."""

import contextlib
from collections.abc import Sequence

from gpiozero import Factory, OutputDevice

from edge.errors import GateFault
from edge.sort.gpio import pin_factory
from edge.sort.wire import OnLine


class AlivePins:
    """Answers ports.AliveLine. One thread. Each line is low without this process, as its wiring pulls it."""

    def __init__(self, alive: int | None, on: Sequence[OnLine] = (), factory: Factory | None = None) -> None:
        """`factory` None takes the one that GPIOZERO_PIN_FACTORY names. Raises GateFault where a line cannot be had."""
        self._devices: list[OutputDevice] = []
        self._alive: OutputDevice | None = None
        if alive is not None:
            self._alive = self._claimed("[safety] alive_pin", alive, False, factory)
        for line in on:
            self._claimed(f"[camera] {line.what}_pin", line.pin, True, factory)

    def beat(self) -> None:
        if self._alive is not None:
            with contextlib.suppress(Exception):
                self._alive.toggle()

    def close(self) -> None:
        """Every line low, and given back. Never raises."""
        for device in self._devices:
            with contextlib.suppress(Exception):
                device.off()
                device.close()

    def _claimed(self, key: str, pin: int, high: bool, factory: Factory | None) -> OutputDevice:
        try:
            device = OutputDevice(pin, initial_value=high, pin_factory=factory or pin_factory())
        except Exception as error:
            self.close()
            raise GateFault(f"{key} = {pin}: cannot be claimed: {error}") from None
        self._devices.append(device)
        return device
