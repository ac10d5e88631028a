"""The device's gates in virtual time: the gate keeper in this process, its pins wired to the world, an event away."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable

from edge.config import Profile
from edge.datapath import Fall, Feed, GateEvent, GatePulse
from edge.sort.keeper import GateKeeper
from edge.sort.link import feed_lines, gate_settings
from sim.fast_encoder import encoder_of
from sim.faults import Faults
from sim.timeline import NEVER_NS, Actor, Timeline
from sim.world import World

Spans = list[tuple[int, int | None]]
"""From when to when, None for the end of a span that goes on."""


class FastStop:
    """Answers ports.StopContact: the button on the desk."""

    def __init__(self, faults: Faults) -> None:
        self._spans = faults.spans("e-stop")
        self._edges_ns = sorted(at_ns for span in self._spans for at_ns in span)

    def pressed(self, now_ns: int) -> bool:
        return any(from_ns <= now_ns < to_ns for from_ns, to_ns in self._spans)

    def next_ns(self, now_ns: int) -> int:
        """The instant of its next edge."""
        n = bisect_right(self._edges_ns, now_ns)
        return self._edges_ns[n] if n < len(self._edges_ns) else NEVER_NS


class FastExits:
    """Answers ports.ExitSensors: the world's, asked for as the keeper asks for belt samples."""

    def __init__(self, profile: Profile, world: World) -> None:
        self._world = world
        self._gates = {gate.exit_pin: name for name, gate in profile.gates.items()}

    def falls(self, now_ns: int) -> list[Fall]:
        self._world.advance(now_ns)
        return [Fall(self._gates[edge.line], edge.at_ns, bool(edge.level)) for edge in self._world.exits.until(now_ns)]


class FastFeed:
    """Answers edge.ports.FeedLines: the lines to the feeder and the belt's drive."""

    def __init__(self, profile: Profile, world: World, timeline: Timeline) -> None:
        self._lines = tuple(feed_lines(profile))
        self._world = world
        self._timeline = timeline

    def ask(self, feed: Feed) -> None:
        for line in self._lines:
            asked = feed.inhibit if line.what == "inhibit" else feed.slow
            self._world.edge(line.pin, int(asked == line.active_high), self._timeline.now_ns)


class FastGates:
    """Answers edge.ports.GateLink and GatePins: the gate keeper in this process, its pins wired to the world."""

    def __init__(self, profile: Profile, world: World, timeline: Timeline, priority: int) -> None:
        self._world = world
        self._timeline = timeline
        self._lines = {name: (gate.pin, gate.active_high) for name, gate in profile.gates.items()}
        self._said: list[GateEvent] = []
        self._stop = FastStop(world.faults) if profile.safety.e_stop_pin is not None else None
        encoder = encoder_of(profile, world)
        exits = FastExits(profile, world) if world.exits else None
        feed = FastFeed(profile, world, timeline)
        self._keeper = GateKeeper(gate_settings(profile), self, encoder, self._said.append, self._stop, exits, feed)
        self.safe: Spans = []
        """When no gate could open."""
        self.actor = Actor(priority, self._step)

    def submit(self, pulse: GatePulse) -> None:
        self._keeper.submit(pulse, self._timeline.now_ns)
        self._timeline.wake(self.actor, self._timeline.now_ns)

    def beat(self) -> None:
        self._keeper.beat(self._timeline.now_ns)

    def scale(self, scale_ppm: int) -> None:
        self._keeper.scale(scale_ppm)

    def hold(self, held: bool) -> None:
        self._keeper.hold(held, self._timeline.now_ns)
        self._note(self._timeline.now_ns)

    def ask(self, feed: Feed) -> None:
        self._keeper.ask(feed)
        self._timeline.wake(self.actor, self._timeline.now_ns)

    def events(self, now_ns: int) -> Iterable[GateEvent]:
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

    def _step(self, now_ns: int) -> int:
        wake_ns = self._keeper.step(now_ns)
        self._note(now_ns)
        return min(wake_ns, self._stop.next_ns(now_ns)) if self._stop else wake_ns

    def _note(self, now_ns: int) -> None:
        goes_on = bool(self.safe) and self.safe[-1][1] is None
        if self._keeper.held and not goes_on:
            self.safe.append((now_ns, None))
        elif goes_on and not self._keeper.held:
            self.safe[-1] = (self.safe[-1][0], now_ns)
