"""The faults of a live run that hands do: who presses the button, who kills what, and when. A step of the desk's."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from typing import Literal, Protocol

from edge.config import Profile
from sim import hogs
from sim.faults import Faults
from sim.wires import Edge

Part = Literal["main", "gates"]

# Ends with the process that started it, whatever ended that.
_BUSY = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"


class Victim(Protocol):
    """The device, as far as it can be harmed from outside."""

    def put(self, edge: Edge) -> None:
        """An input line's new level, from now on."""

    def signal(self, part: Part, number: signal.Signals) -> None:
        """Send one of its processes a signal, if it is there."""


class Mishaps:
    """One live run's. Belongs to the desk's thread."""

    def __init__(self, faults: Faults, profile: Profile, victim: Victim) -> None:
        self._victim = victim
        self._pin, self._stops_at = profile.safety.e_stop_pin, int(profile.safety.e_stop_active_high)
        self._busy: list[subprocess.Popen[bytes]] = []
        kinds: dict[str, Callable[[bool, int], None]] = {
            "e-stop": self._press,
            "main-killed": self._killing("main"),
            "gates-killed": self._killing("gates"),
            "main-hung": self._stopping("main"),
            "gates-hung": self._stopping("gates"),
            "gil-hog": lambda begins, now_ns: victim.signal("main", hogs.BEGIN if begins else hogs.END),
            "cpu-hog": self._keep_busy,
        }
        self._due = sorted(
            (
                (at_ns, not n, do)
                for name, do in kinds.items()
                for span in faults.spans(name)
                for n, at_ns in enumerate(span)
            ),
            key=lambda one: one[:2],
        )

    def step(self, now_ns: int) -> None:
        """Do all that is due."""
        while self._due and self._due[0][0] <= now_ns:
            _, begins, do = self._due.pop(0)
            do(begins, now_ns)

    def close(self) -> None:
        """Leave nothing behind."""
        self._keep_busy(False, 0)

    def _press(self, begins: bool, now_ns: int) -> None:
        if self._pin is not None:
            self._victim.put(Edge(now_ns, self._pin, self._stops_at if begins else 1 - self._stops_at))

    def _killing(self, part: Part) -> Callable[[bool, int], None]:
        return lambda begins, now_ns: self._victim.signal(part, signal.SIGKILL) if begins else None

    def _stopping(self, part: Part) -> Callable[[bool, int], None]:
        return lambda begins, now_ns: self._victim.signal(part, signal.SIGSTOP if begins else signal.SIGCONT)

    def _keep_busy(self, begins: bool, now_ns: int) -> None:
        for each in self._busy:
            each.kill()
            each.wait()
        cores = os.cpu_count() or 1
        self._busy = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(cores)] if begins else []
