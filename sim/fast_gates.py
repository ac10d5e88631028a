"""The device's gates in virtual time: the gate keeper in this process, its pins wired to the world, an event away."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable
from functools import partial

from edge.config import Profile
from edge.datapath import Fall, Feed, GateEvent, GatePulse
from edge.errors import GateFault
from edge.sort.keeper import GateKeeper
from edge.sort.link import feed_lines, gate_settings
from sim.fast_encoder import encoder_of
from sim.faults import Faults
from sim.slowness import Slowness
from sim.timeline import NEVER_NS, Actor, Timeline
from sim.truth import stream
from sim.world import World


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
    """The gate process: answers edge.ports.GateLink and GatePins, its pins wired to the world. `held` hears whether no
    gate can open. It may die, and it may hang."""

    def __init__(
        self, profile: Profile, world: World, timeline: Timeline, priority: int, held: Callable[[bool], object]
    ) -> None:
        self._world = world
        self._timeline = timeline
        self._lines = {name: (gate.pin, gate.active_high) for name, gate in profile.gates.items()}
        self._said: list[GateEvent] = []
        self._stop = FastStop(world.faults) if profile.safety.e_stop_pin is not None else None
        encoder = encoder_of(profile, world)
        exits = FastExits(profile, world) if world.exits else None
        feed = FastFeed(profile, world, timeline)
        settings = gate_settings(profile)
        self._keeper = GateKeeper(settings, self, encoder, self._said.append, self._stop, exits, feed)
        self._silence_ns = settings.heartbeat_ns
        self._slowness = Slowness(world.faults) if world.faults else None
        self._draw = stream(0, "gates")
        self._held = held
        self._was_held = False
        self._heard_ns = timeline.now_ns
        self._alive, self._hung = True, False
        self.actor = Actor(priority, self._step)

    def submit(self, pulse: GatePulse) -> None:
        self._obey(partial(self._keeper.submit, pulse, self._timeline.now_ns))

    def beat(self) -> None:
        if self._alive and not self._hung:
            self._keeper.beat(self._timeline.now_ns)

    def scale(self, scale_ppm: int) -> None:
        self._obey(partial(self._keeper.scale, scale_ppm))

    def hold(self, held: bool) -> None:
        self._obey(partial(self._keeper.hold, held, self._timeline.now_ns))

    def ask(self, feed: Feed) -> None:
        self._obey(partial(self._keeper.ask, feed))

    def events(self, now_ns: int) -> Iterable[GateEvent]:
        """As `edge.sort.link` hears a real one: it is lost when it has ended, is in its safe state or says nothing."""
        if not self._alive:
            raise GateFault("gate process: ended; all gates are released")
        said = tuple(self._said)
        self._said.clear()
        if said:
            self._heard_ns = now_ns
        elif now_ns - self._heard_ns > self._silence_ns:
            self.die()
            raise GateFault("gate process: silent; all gates are released")
        if self._keeper.safe and not self._hung:
            raise GateFault(f"gate process: {self._keeper.safe}; all gates are released")
        return said

    def command(self, gate: str, is_open: bool) -> int:
        pin, active_high = self._lines[gate]
        self._world.edge(pin, int(is_open == active_high), self._timeline.now_ns)
        return self._timeline.now_ns

    def release_all(self) -> None:
        for gate in self._lines:
            self.command(gate, False)

    def die(self) -> None:
        """It takes no more steps, and its lines fall to their pulls."""
        if self._alive:
            self._alive = False
            self._world.drop_lines(self._timeline.now_ns)

    def hang(self, hung: bool) -> None:
        """It is stopped in its tracks, its lines as they are; or goes on."""
        self._hung = hung
        if not hung:
            self._timeline.wake(self.actor, self._timeline.now_ns)

    def _obey(self, do: Callable[[], object]) -> None:
        """What is said to a process that is stopped, it is not told: by the time that it goes on, main has ended."""
        if not self._alive or self._hung:
            return
        do()
        self._note()
        self._timeline.wake(self.actor, self._timeline.now_ns)

    def _step(self, now_ns: int) -> int:
        if not self._alive or self._hung:
            return NEVER_NS
        wake_ns = self._keeper.step(now_ns)
        self._note()
        if self._slowness:
            wake_ns += self._slowness.late_ns(wake_ns, self._draw)
        return min(wake_ns, self._stop.next_ns(now_ns)) if self._stop else wake_ns

    def _note(self) -> None:
        if self._keeper.held != self._was_held:
            self._was_held = self._keeper.held
            self._held(self._was_held)
