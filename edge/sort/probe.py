"""Lines claimed for a moment, to see whether they can be had and how they stand. Nothing is moved by it."""

import contextlib

from gpiozero import Factory, InputDevice

from edge.clock import now_ns, sleep_until
from edge.errors import GateFault
from edge.sort.gpio import GpiozeroPins, pin_factory
from edge.sort.wire import GateLine

SETTLE_NS = 20_000_000
"""A pull of 10 kOhm lifts a line with 100 nF at it in a few milliseconds."""


def read_level(pin: int, pull_up: bool | None, factory: Factory | None = None) -> int:
    """The level of an input. `pull_up` None leaves it without a pull of the computer's own. Raises GateFault where the
    line cannot be had."""
    factory = factory or pin_factory()
    try:
        device = InputDevice(pin, pull_up=pull_up, active_state=True if pull_up is None else None, pin_factory=factory)
    except Exception as error:
        raise GateFault(f"pin {pin}: cannot be claimed: {error}") from None
    try:
        sleep_until(now_ns() + SETTLE_NS)
        return int(device.pin.state)
    except Exception as error:
        raise GateFault(f"pin {pin}: cannot be read: {error}") from None
    finally:
        with contextlib.suppress(Exception):
            device.close()


def claim_released(line: GateLine, factory: Factory | None = None) -> None:
    """Claim a gate's line at its released level, as the gate process does, and give it back. Raises GateFault."""
    GpiozeroPins([line], factory=factory).close()
