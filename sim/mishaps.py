"""The faults of a live run that hands do: who presses the button, and when. A step like any other of the desk."""

from __future__ import annotations

from typing import Protocol

from edge.config import Profile
from sim.faults import Faults
from sim.wires import Edge


class Victim(Protocol):
    """The device, as far as it can be harmed from outside."""

    def put(self, edge: Edge) -> None:
        """An input line's new level, from now on."""


class Mishaps:
    """One live run's. Belongs to the desk's thread."""

    def __init__(self, faults: Faults, profile: Profile, victim: Victim) -> None:
        self._faults = faults
        self._victim = victim
        self._pin, self._stops_at = profile.safety.e_stop_pin, int(profile.safety.e_stop_active_high)
        self._pressed = False

    def step(self, now_ns: int) -> None:
        """Do all that is due."""
        pressed = self._faults.holds("e-stop", now_ns)
        if self._pin is not None and pressed != self._pressed:
            self._pressed = pressed
            self._victim.put(Edge(now_ns, self._pin, self._stops_at if pressed else 1 - self._stops_at))
