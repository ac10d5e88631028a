"""The lines that ask upstream for less, through gpiozero: a feed that is to wait, a belt that is to run slowly."""

import contextlib
from collections.abc import Sequence

from gpiozero import Factory, OutputDevice

from edge.datapath import Feed
from edge.errors import GateFault
from edge.sort.gpio import pin_factory
from edge.sort.wire import FeedLine


class FeedPins:
    """Answers ports.FeedLines. One thread. Each line is claimed, and left, at the level that it has without this
    process, to which its wiring pulls it."""

    def __init__(self, lines: Sequence[FeedLine], factory: Factory | None = None) -> None:
        """`factory` None takes the one that GPIOZERO_PIN_FACTORY names. Raises GateFault where a line cannot be had."""
        self._lines: list[tuple[FeedLine, OutputDevice]] = []
        factory = factory or pin_factory()
        for line in lines:
            try:
                device = OutputDevice(
                    line.pin, active_high=line.active_high, initial_value=line.when_dead, pin_factory=factory
                )
            except Exception as error:
                self.close()
                raise GateFault(f"[feed] {line.what}_pin = {line.pin}: cannot be claimed: {error}") from None
            self._lines.append((line, device))

    def ask(self, feed: Feed) -> None:
        for line, device in self._lines:
            with contextlib.suppress(Exception):
                device.value = feed.inhibit if line.what == "inhibit" else feed.slow

    def close(self) -> None:
        """Back to the levels without this process, and give the lines back. Never raises."""
        for line, device in self._lines:
            with contextlib.suppress(Exception):
                device.value = line.when_dead
                device.close()
