"""The device's gates in virtual time: the gate keeper in this process, its pins wired to the world, an event away."""

from __future__ import annotations

from collections.abc import Iterable

from edge.config import Profile
from edge.datapath import BeltSample, GatePulse, Outcome
from edge.sort.keeper import GateKeeper
from edge.sort.link import gate_settings
from sim.fast_encoder import encoder_of
from sim.timeline import Actor, Timeline
from sim.world import World


class FastGates:
    """Answers edge.ports.GateLink and GatePins: the gate keeper in this process, its pins wired to the world."""

    def __init__(self, profile: Profile, world: World, timeline: Timeline, priority: int) -> None:
        self._world = world
        self._timeline = timeline
        self._lines = {name: (gate.pin, gate.active_high) for name, gate in profile.gates.items()}
        self._said: list[BeltSample | Outcome] = []
        self._keeper = GateKeeper(gate_settings(profile), self, encoder_of(profile, world), self._said.append)
        self.actor = Actor(priority, self._keeper.step)

    def submit(self, pulse: GatePulse) -> None:
        self._keeper.submit(pulse, self._timeline.now_ns)
        self._timeline.wake(self.actor, self._timeline.now_ns)

    def beat(self, now_ns: int) -> None:
        self._keeper.beat(now_ns)

    def scale(self, scale_ppm: int) -> None:
        self._keeper.scale(scale_ppm)

    def hold(self, held: bool) -> None:
        self._keeper.hold(held, self._timeline.now_ns)

    def events(self, now_ns: int) -> Iterable[BeltSample | Outcome]:
        said = tuple(self._said)
        self._said.clear()
        return said

    def command(self, gate: str, is_open: bool) -> int:
        pin, active_high = self._lines[gate]
        self._world.edge(pin, int(is_open == active_high), self._timeline.now_ns)
        return self._timeline.now_ns

    def release_all(self) -> None:
        for gate in self._lines:
            self.command(gate, False)
