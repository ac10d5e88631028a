"""The gates' lines through gpiozero. The environment's pin factory drives them: a Pi's, or the simulator's."""

import contextlib
import os
from collections.abc import Iterator, Sequence

from gpiozero import Device, Factory, OutputDevice

from edge.clock import Clock, now_ns
from edge.errors import GateFault
from edge.sort.wire import GateLine


class GpiozeroPins:
    """Answers ports.GatePins. Claims every line, at its released level, or none. One thread."""

    def __init__(self, gates: Sequence[GateLine], clock: Clock = now_ns, factory: Factory | None = None) -> None:
        """`factory` None takes the one that GPIOZERO_PIN_FACTORY names. Raises GateFault where a line cannot be had."""
        self._clock = clock
        self._devices: dict[str, OutputDevice] = {}
        factory = factory or pin_factory()
        for gate in gates:
            try:
                # Driver libraries raise errors of their own; whatever it is, this machine has no such line.
                device = OutputDevice(gate.pin, active_high=gate.active_high, initial_value=False, pin_factory=factory)
            except Exception as error:
                self.close()
                raise GateFault(f"[gates.{gate.name}] pin = {gate.pin}: cannot be claimed: {error}") from None
            self._devices[gate.name] = device

    def command(self, gate: str, is_open: bool) -> int:
        """See ports.GatePins. Raises GateFault where the driver fails."""
        device = self._devices[gate]
        try:
            device.value = is_open
        except Exception as error:
            raise GateFault(f"[gates.{gate}] pin {device.pin}: cannot be driven: {error}") from None
        return self._clock()

    def release_all(self) -> None:
        for device in self._devices.values():
            # One line that fails must not keep the next from being released.
            with contextlib.suppress(Exception):
                device.off()

    def close(self) -> None:
        """Release every line and give it back."""
        self.release_all()
        for device in self._devices.values():
            with contextlib.suppress(Exception):
                device.close()


@contextlib.contextmanager
def borrowed_gpio() -> Iterator[None]:
    """Whoever uses the GPIO for a moment gives back what was opened meanwhile, so that another process may have it."""
    had = Device.pin_factory
    try:
        yield
    finally:
        if had is None and Device.pin_factory is not None:
            Device.pin_factory.close()
            Device.pin_factory = None


def pin_factory() -> Factory:
    """The one that GPIOZERO_PIN_FACTORY names, or lgpio. Raises GateFault where it finds no GPIO."""
    # Left to itself gpiozero falls back from driver to driver; gates are driven by lgpio or by what was asked for.
    os.environ.setdefault("GPIOZERO_PIN_FACTORY", "lgpio")
    try:
        Device.ensure_pin_factory()
    except Exception as error:
        raise GateFault(f"no GPIO: {error}; on a Pi install python3-lgpio, on a desk run `sorter sim`") from None
    return Device.pin_factory
