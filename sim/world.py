"""The world: belt, fruit and gates, and where every fruit falls. It knows nothing of what the device believes.

Lines in, places and falls out. Everything is closed-form in time: `advance` only settles what has happened, and gives
the same answer however often it is called. One thread.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from edge.config import Profile
from edge.datapath import BELT_END
from sim.camera import CameraTruth, Placed
from sim.conveyor import Feed, Item, Limit
from sim.exits import ExitSensors
from sim.faults import Faults
from sim.fruit import Skin
from sim.gates import MIDDLE, Gate
from sim.holds import Holds
from sim.motion import Belt
from sim.scenario import Scenario
from sim.truth import FruitDraws, MachineTruth, draw_machine, draw_wheel
from sim.wheel import Wheel

_PATIENCE_NS = 60_000_000_000
"""A run that is to end waits no longer for a feed that is held back."""

_END_MM = 100.0
"""How far behind its last gate the belt ends."""


@dataclass(frozen=True, slots=True)
class Fall:
    """Where a fruit fell. `gate` is None at the belt's end; `left_at_ns` is when its middle left the belt there,
    `landed_at_ns` when it lay in the bin."""

    item: Item
    outlet: str
    gate: str | None
    left_at_ns: int
    landed_at_ns: int


class World:
    """One run of one machine. The belt stands still until `start_ns` and runs from then on. `wheel` is the encoder's,
    None on a machine without one."""

    def __init__(
        self,
        profile: Profile,
        scenario: Scenario,
        seed: int,
        skins: Mapping[str, Sequence[Skin]],
        start_ns: int,
        limit: Limit,
    ) -> None:
        self.faults = Faults(scenario.fault, start_ns)
        self.truth: MachineTruth = draw_machine(profile, scenario, seed)
        self.belt = Belt(self.truth.speed_mm_s, start_ns, self.truth.program)
        self.wheel: Wheel | None = draw_wheel(profile, scenario, seed, self.belt, self.faults)
        draws = FruitDraws(profile, scenario, seed, skins)
        self.feed = Feed(draws, len(profile.lanes), scenario.feed.carried_mm, self._mean_mm_s(limit), limit)
        self._feeder = profile.feed
        self.slow = scenario.belt.slow
        self._limited = limit != Limit()
        self._held_at_ns: int | None = None
        self._now_ns = start_ns
        self.falls: list[Fall] = []
        """Every fall since they were last taken with `take_falls`, in no particular order."""
        self.view_mm = profile.camera.view_mm
        # Offered to the camera though their middle is outside the nominal picture: its scale and skew are not nominal.
        self._beside_mm = scenario.feed.length_mm[1]
        self._in_view: deque[Item] = deque()
        befallen = {self.truth.gates[0].name: self.faults}
        self.gates = {truth.name: Gate(truth, befallen.get(truth.name)) for truth in self.truth.gates}
        self._lines = {gate.pin: (self.gates[name], gate.active_high) for name, gate in profile.gates.items()}
        self.exits = ExitSensors(profile)
        self._holds = Holds(self.faults, self.belt, min(gate.truth.x_mm for gate in self.gates.values()))
        self.end_mm = max(gate.truth.x_mm for gate in self.gates.values()) + _END_MM
        self._lanes = [
            _Lane(self.belt, (gate for gate in self.gates.values() if gate.truth.lane == lane), self.end_mm)
            for lane in range(len(profile.lanes))
        ]

    def advance(self, now_ns: int) -> None:
        """Settle all that happened up to `now_ns`. Every edge up to then must have been told."""
        self._feed(now_ns)
        self._now_ns = now_ns
        before = len(self.falls)
        for lane in self._lanes:
            lane.settle(now_ns, self.falls)
        if self.exits:
            for fall in self.falls[before:]:
                if fall.gate is not None:
                    self.exits.fell(fall.gate, fall.landed_at_ns, self.gates[fall.gate].bounces(fall.left_at_ns))

    def edge(self, line: int, level: int, at_ns: int) -> None:
        """A line of the GPIO has changed; lines without a gate are ignored. Edges come in the order of `at_ns`."""
        if line in self._lines:
            gate, active_high = self._lines[line]
            gate.command(bool(level) == active_high, at_ns)
        elif line == self._feeder.inhibit_pin:
            self.hold_feed(bool(level) == self._feeder.inhibit_active_high, at_ns)
        elif line == self._feeder.slow_pin:
            self._slow_down(bool(level) == self._feeder.slow_active_high, at_ns)

    def drop_lines(self, at_ns: int) -> None:
        """Every line falls to its pull, as when the process that drives them has died."""
        for gate in self.gates.values():
            gate.command(False, at_ns)
        if self._feeder.inhibit_pin is not None:
            self.hold_feed(self._feeder.when_dead == "inhibit", at_ns)
        if self._feeder.slow_pin is not None:
            self._slow_down(self._feeder.when_dead == "inhibit", at_ns)

    def hold_feed(self, held: bool, at_ns: int) -> None:
        """Lay no more fruit onto the belt from now on, or go on with it."""
        self._feed(at_ns)
        self._held_at_ns = (self._held_at_ns or at_ns) if held else None
        self.feed.hold(held, self.belt.travel_mm(at_ns))

    def _slow_down(self, slow: bool, at_ns: int) -> None:
        self.belt.ask(self.slow if slow else 1.0, at_ns)

    def items_at(self, at_ns: int) -> list[tuple[Item, float]]:
        """Fruit in or beside the picture, each with its x_mm. Instants may be asked for in growing order only."""
        self._feed(at_ns)
        travel_mm = self.belt.travel_mm(at_ns)
        far_mm = self.view_mm + self._beside_mm
        seen = self._in_view
        while seen and seen[0].x_mm(travel_mm) > far_mm:
            seen.popleft()
        return [(item, x_mm) for item in seen if -self._beside_mm < (x_mm := item.x_mm(travel_mm)) < far_mm]

    def placed_at(self, at_ns: int) -> list[Placed]:
        """The same as the renderer wants it."""
        return [
            Placed(t.skin, item.view(x_mm), x_mm, t.y_mm, t.length_mm, t.width_mm, t.yaw_rad)
            for item, x_mm in self.items_at(at_ns)
            for t in (item.truth,)
        ]

    def riding(self, at_ns: int) -> list[tuple[Item, float]]:
        """Every fruit on the belt, each with its x_mm, as far as `advance` has settled who has fallen."""
        travel_mm = self.belt.travel_mm(at_ns)
        return [(item, item.x_mm(travel_mm)) for item in self.on_belt()]

    def on_belt(self) -> Iterator[Item]:
        """Every fruit that has been fed and has not fallen."""
        return (item for lane in self._lanes for item in lane.items())

    def camera_truth(self) -> CameraTruth:
        """The true camera, for the renderer."""
        t = self.truth
        return CameraTruth(mm_per_px=t.mm_per_px, skew_rad=t.skew_rad, light=t.light, speed_mm_s=t.speed_mm_s)

    def take_falls(self) -> list[Fall]:
        """The falls that were not taken yet."""
        falls, self.falls = self.falls, []
        return falls

    def passes_ns(self, item: Item, x_mm: float) -> int:
        """When a fruit's middle stands, stood or would have stood at x_mm."""
        return self.belt.at_ns(item.travel_mm(x_mm))

    @property
    def fed_s(self) -> float:
        """For how long fruit have been fed."""
        return (self.belt.at_ns(self.feed.fed_mm) - self.belt.start_ns) / 1e9

    @property
    def empty(self) -> bool:
        """The feed has ended, or nobody lets it go on, and the last fruit has fallen."""
        held_ns = 0 if self._held_at_ns is None else self._now_ns - self._held_at_ns
        over = self.feed.ended or (self._limited and held_ns > _PATIENCE_NS)
        return over and all(lane.empty for lane in self._lanes)

    def _mean_mm_s(self, limit: Limit) -> float:
        """The belt's speed over the time that is fed."""
        if limit.seconds is None:
            return self.truth.speed_mm_s
        return self.belt.travel_mm(self.belt.start_ns + round(limit.seconds * 1e9)) / limit.seconds

    def _feed(self, now_ns: int) -> None:
        for item in self.feed.until(self.belt.travel_mm(now_ns)):
            self._in_view.append(item)
            self._lanes[item.lane].add(item, bool(self._holds) and self._holds.befall(item))


class _Lane:
    """One lane's fruit on their way: a queue before each gate, in the order of their places, and one before the end."""

    def __init__(self, belt: Belt, gates: Iterable[Gate], end_mm: float) -> None:
        self._belt = belt
        self._end_mm = end_mm
        self._unordered = False
        self._gates = sorted(gates, key=lambda gate: gate.truth.x_mm)
        self._queues: list[deque[Item]] = [deque() for _ in range(len(self._gates) + 1)]

    def add(self, item: Item, held: bool = False) -> None:
        """`held`: it will be kept somewhere, and others may pass it."""
        self._queues[0].append(item)
        self._unordered |= held

    @property
    def empty(self) -> bool:
        return not any(self._queues)

    def items(self) -> Iterator[Item]:
        for queue in self._queues:
            yield from queue

    def settle(self, now_ns: int, falls: list[Fall]) -> None:
        """Let every fruit pass the gates that it has reached by now."""
        for n, gate in enumerate(self._gates):
            queue = self._queues[n]
            if self._unordered:
                _in_order(queue, gate.truth.x_mm)
            while queue:
                item = queue[0]
                half_mm = item.truth.length_mm * MIDDLE / 2
                to_ns = self._belt.at_ns(item.travel_mm(gate.truth.x_mm + half_mm))
                if to_ns > now_ns:
                    break
                queue.popleft()
                from_ns = self._belt.at_ns(item.travel_mm(gate.truth.x_mm - half_mm))
                if gate.takes(from_ns, to_ns):
                    falls.append(_fall(item, gate.truth.outlet, gate.truth.name, gate.taken_ns(from_ns, to_ns)))
                else:
                    self._queues[n + 1].append(item)
                gate.forget(from_ns)
        last = self._queues[-1]
        if self._unordered:
            _in_order(last, self._end_mm)
        while last and (end_ns := self._belt.at_ns(last[0].travel_mm(self._end_mm))) <= now_ns:
            falls.append(_fall(last.popleft(), BELT_END, None, end_ns))


def _in_order(queue: deque[Item], x_mm: float) -> None:
    """Whoever passes a place first comes first."""
    ordered = sorted(queue, key=lambda item: item.travel_mm(x_mm))
    queue.clear()
    queue.extend(ordered)


def _fall(item: Item, outlet: str, gate: str | None, left_ns: int) -> Fall:
    return Fall(item, outlet, gate, left_ns, left_ns + item.truth.landing_ns)
