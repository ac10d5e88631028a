"""How well the machine aimed: the faults that are the aim's own, each named, and those that are counted apart."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sim.conveyor import Item
from sim.fates import Fate

AIM_FAULTS: tuple[Fate, ...] = ("misdirected", "late", "collateral")
_NAMED = 1_000


@dataclass(slots=True)
class Aim:
    """`apart` counts fruit whose gate stood open, or was about to, when the belt stopped: the gate was closed by its
    longest on-time, and the fruit went where it would. Each fault is named, up to a thousand."""

    faults: int = 0
    apart: int = 0
    named: list[dict[str, Any]] = field(default_factory=list)

    def count(self, item: Item, fate: Fate, stopped_at_gate: bool) -> None:
        """Take one fruit's fate."""
        self.apart += stopped_at_gate
        if fate not in AIM_FAULTS or stopped_at_gate:
            return
        self.faults += 1
        if len(self.named) < _NAMED:
            self.named.append({"fruit": item.number, "lane": item.lane, "fate": fate})

    def report(self) -> dict[str, Any]:
        """`fruit` in a named fault counts the run's fruit as they pass x = 0, from 0."""
        return {"faults": self.faults, "stopped_at_gate": self.apart, "named": self.named}
