"""Run in the guest: the kernel's simulated GPIO as a Pi's, whose lines a test reads back and drives."""

import time
from collections.abc import Iterable
from pathlib import Path

CONFIG = Path("/sys/kernel/config/gpio-sim/board")
PERIOD_S = 0.002


class Board:
    """54 lines on the first chip, as on a Pi 4."""

    def __init__(self) -> None:
        bank = CONFIG / "bank0"
        bank.mkdir(parents=True)
        (bank / "label").write_text("pinctrl-bcm2711")
        (bank / "num_lines").write_text("54")
        (CONFIG / "live").write_text("1")
        chip = (bank / "chip_name").read_text().strip()
        assert chip == "gpiochip0", chip
        self._lines = Path("/sys/devices/platform") / (CONFIG / "dev_name").read_text().strip() / chip

    def level(self, pin: int) -> int:
        return int((self._lines / f"sim_gpio{pin}/value").read_text())

    def drive(self, pin: int, level: int) -> None:
        """Whatever is wired to a line pulls it there."""
        (self._lines / f"sim_gpio{pin}/pull").write_text("pull-up" if level else "pull-down")

    def within(self, pin: int, level: int, most_s: float) -> float | None:
        """After how many milliseconds the line has the level; None where it has not."""
        began_s = time.monotonic()
        while (passed_s := time.monotonic() - began_s) < most_s:
            if self.level(pin) == level:
                return round(passed_s * 1e3, 2)
            time.sleep(PERIOD_S)  # noqa: TID251 - no step: this is the world
        return None

    def rose(self, pins: Iterable[int], for_s: float) -> list[int]:
        """Those of the lines that were high at any look."""
        until_s = time.monotonic() + for_s
        high: set[int] = set()
        while time.monotonic() < until_s:
            high.update(pin for pin in pins if self.level(pin))
            time.sleep(PERIOD_S)  # noqa: TID251 - no step: this is the world
        return sorted(high)
