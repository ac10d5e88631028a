"""A scenario run in virtual time, with what happened in it at hand for claims."""

import json
from functools import cached_property
from pathlib import Path
from typing import Any

from edge.datapath import BELT_END, Outcome
from edge.incidents import CATALOGUE
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.fates import Told
from sim.setup import prepare
from sim.world import Fall


class Staged:
    """One scenario by name, run to its end. Instants are in seconds since the belt started."""

    def __init__(
        self,
        name: str,
        seconds: float = 20.0,
        seed: int = 1,
        perception: str = "truth",
        record: Path | None = None,
        **asked: Any,
    ) -> None:
        setup = prepare(name, seed=seed, limit=Limit(None, seconds), perception=perception, **asked)
        self.profile = setup.profile
        self.falls: list[tuple[Fall, Told | None, str]] = []
        self.messages: list[bytes] = []
        self.fast = FastRun(setup, record=record)
        self.fast.broker.subscribe(lambda topic, payload: self.messages.append(payload))
        self.fast.board.settled = lambda fall, told, fate: self.falls.append((fall, told, fate))
        self._start_ns = self.fast._world.belt.start_ns
        self.report = self.fast.run()
        self._no_stray()

    def s(self, at_ns: int) -> float:
        return (at_ns - self._start_ns) / 1e9

    @cached_property
    def incidents(self) -> list[tuple[str, str, float]]:
        """(code, state, seconds) in order."""
        return [(said.code, said.state, self.s(said.at_ns)) for said in self.fast.board.log.incidents]

    @cached_property
    def safe(self) -> list[tuple[float, float | None]]:
        """When no gate could open."""
        return [(self.s(from_ns), None if to_ns is None else self.s(to_ns)) for from_ns, to_ns in self.fast.board.safe]

    def said(self, schema: str) -> list[dict[str, Any]]:
        """The messages that the broker was given, of schemas that begin so."""
        found = map(json.loads, self.messages)
        return [message for message in found if message.get("schema", "").startswith(schema)]

    def fates(self, from_s: float, to_s: float) -> dict[str, int]:
        """The fates of the fruit that left the belt between two instants."""
        found: dict[str, int] = {}
        for fall, _, fate in self.falls:
            if from_s <= self.s(fall.left_at_ns) < to_s:
                found[fate] = found.get(fate, 0) + 1
        return found

    def _no_stray(self) -> None:
        """No fruit fell into an outlet by itself: its own pulse was fired, or it is counted as another's."""
        assert sum(self.report["fates"].values()) == self.report["fruit"] == len(self.falls)
        for fall, told, fate in self.falls:
            outcome: Outcome | None = told.outcome if told else None
            own = outcome is not None and outcome.result == "fired" and outcome.pulse.gate == fall.gate
            assert fall.outlet == BELT_END or own or fate == "collateral", (fall, told, fate)


def raised(staged: Staged, code: str) -> list[float]:
    """When an incident was raised."""
    return [at_s for said, state, at_s in staged.incidents if (said, state) == (code, "raised")]


def cleared(staged: Staged, code: str) -> list[float]:
    return [at_s for said, state, at_s in staged.incidents if (said, state) == (code, "cleared")]


def message(code: str, **figures: float) -> str:
    """What the operator reads."""
    return CATALOGUE[code].say(figures)
