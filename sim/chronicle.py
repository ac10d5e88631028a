"""What a plot of a run shows: every fruit's way, each gate's true movements, and the spells of trouble."""

from __future__ import annotations

from dataclasses import dataclass

from edge.datapath import OutcomeResult
from sim.conveyor import Item
from sim.fates import Fate, Told
from sim.scoreboard import Scoreboard
from sim.world import Fall, World

HELD = "held"
"""The spell in which no gate could open."""

_STOPS = 32
"""Places between which a fruit's way is drawn straight, where the whole of it is not."""

_STRAIGHT_MM = 5.0


@dataclass(frozen=True, slots=True)
class Passage:
    """One fruit from x = 0 to where it left the belt; `way` is (instant, mm), as many as it takes. `decided` is its
    label, or the reason for which it has none; None of a fruit without a verdict. `fired_ns`: when its gate was
    commanded."""

    lane: int
    true_label: str
    from_ns: int
    left_ns: int
    left_mm: float
    way: tuple[tuple[int, float], ...]
    gate: str | None
    fate: Fate
    decided: str | None = None
    decided_ns: int | None = None
    decided_mm: float | None = None
    aimed_gate: str | None = None
    result: OutcomeResult | None = None
    fired_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Spell:
    """Something that held for a while: the safe state, or an injected fault. `to_ns` None: to the end."""

    name: str
    from_ns: int
    to_ns: int | None


class Chronicle:
    """Listens to one run. `start_ns` is where its time begins. One thread."""

    def __init__(self, world: World, board: Scoreboard, start_ns: int) -> None:
        self.start_ns = start_ns
        self.end_ns = start_ns
        self.passages: list[Passage] = []
        self._world = world
        self._board = board
        self._moves: dict[str, list[int]] = {name: [] for name in world.gates}
        board.settled = self._settled

    def watch(self, now_ns: int) -> None:
        """Note what the gates have done. Called at least once a second: they forget."""
        self.end_ns = now_ns
        for name, gate in self._world.gates.items():
            known = self._moves[name]
            known += [at_ns for at_ns in gate.moved(now_ns) if not known or at_ns > known[-1]]

    def opened(self, gate: str) -> list[tuple[int, int]]:
        """The stretches for which a gate was truly open."""
        moves = self._moves[gate]
        shut = [*moves[1::2], self.end_ns][: len(moves[::2])]
        return list(zip(moves[::2], shut, strict=True))

    @property
    def spells(self) -> list[Spell]:
        """Faults, and the spells in which the machine held everything back."""
        faults = self._world.faults.all()
        befell = [Spell(name, from_ns, to_ns) for name, from_ns, to_ns in faults if from_ns < self.end_ns]
        return [*befell, *(Spell(HELD, from_ns, to_ns) for from_ns, to_ns in self._board.safe)]

    def _settled(self, fall: Fall, told: Told | None, fate: Fate) -> None:
        world, item = self._world, fall.item
        left_mm = world.gates[fall.gate].truth.x_mm if fall.gate else world.end_mm
        verdict = told.verdict if told else None
        pulse = told.pulse if told else None
        outcome = told.outcome if told else None
        self.passages.append(
            Passage(
                lane=item.lane,
                true_label=item.label,
                from_ns=world.passes_ns(item, 0.0),
                left_ns=fall.left_at_ns,
                left_mm=left_mm,
                way=self._way(item, fall.left_at_ns),
                gate=fall.gate,
                fate=fate,
                decided=(verdict.label if verdict.reason == "graded" else verdict.reason) if verdict else None,
                decided_ns=verdict.decided_at_ns if verdict else None,
                decided_mm=item.x_mm(world.belt.travel_mm(verdict.decided_at_ns)) if verdict else None,
                aimed_gate=pulse.gate if pulse else None,
                result=outcome.result if outcome else None,
                fired_ns=outcome.opened_at_ns if outcome else None,
            )
        )

    def _way(self, item: Item, left_ns: int) -> tuple[tuple[int, float], ...]:
        belt, from_ns = self._world.belt, self._world.passes_ns(item, 0.0)
        instants = [from_ns + (left_ns - from_ns) * n // _STOPS for n in range(_STOPS + 1)]
        way = tuple((at_ns, item.x_mm(belt.travel_mm(at_ns))) for at_ns in instants)
        left_mm = way[-1][1]
        bends = any(abs(x_mm - left_mm * n / _STOPS) > _STRAIGHT_MM for n, (_, x_mm) in enumerate(way))
        return way if bends else (way[0], way[-1])
