"""What is known of one gate while it is found: the edges that are tried, the trial under way, and what came of them."""

from __future__ import annotations

from dataclasses import dataclass

from edge.calibrate.balls import Passage
from edge.calibrate.gatefit import GateFound, Trial, fit
from edge.config import Gate
from edge.datapath import GatePulse

_STEP_MS, _FINEST_MS = 8.0, 0.75


@dataclass(slots=True)
class Edge:
    """One edge of one gate: the lag that is tried next, and how far it is moved."""

    lag_ms: float
    step_ms: float = _STEP_MS
    shorter: bool | None = None

    def tried(self, shorter: bool) -> None:
        if self.shorter is not None and shorter != self.shorter:
            self.step_ms = max(_FINEST_MS, self.step_ms / 2)
        self.shorter = shorter
        self.lag_ms += -self.step_ms if shorter else self.step_ms


@dataclass(slots=True)
class Opened:
    """A trial whose end is not known. `fired`: the pulse was opened at `opened_at_ns`."""

    passage: Passage
    pulse: GatePulse
    opens: bool
    passes_ns: int
    opened_at_ns: int | None = None


class Tested:
    """One gate, its edges and what came of its trials."""

    def __init__(self, name: str, gate: Gate, balls: int) -> None:
        self.name = name
        self.gate = gate
        self.open: Opened | None = None
        self.trials: list[Trial] = []
        self.exits_ms: list[float] = []
        self.due = balls
        self.sure = False
        self.edges = {True: Edge(gate.open_delay_ms), False: Edge(gate.close_delay_ms)}

    def begin(self, balls: int) -> None:
        """So many more balls, of another speed: the threshold is near, but not the same."""
        self.due += balls
        for edge in self.edges.values():
            edge.step_ms, edge.shorter = _STEP_MS / 2, None

    @property
    def left(self) -> int:
        """Trials that it still needs on this belt."""
        return self.due - len(self.trials)

    def found(self) -> GateFound:
        return fit(self.trials, self.gate.open_delay_ms, self.gate.close_delay_ms)
