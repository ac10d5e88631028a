"""What the live view shows: the truth, the score and the device's own words, gathered ten times a second."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from edge.datapath import Outcome
from sim.conveyor import Item
from sim.desk import LAG_NS, Desk
from sim.deskbroker import DeskBroker
from sim.fates import Told
from sim.scoreboard import Scoreboard, fates_in_order
from sim.view import DeviceState, FruitSeen, GateSeen, Spread, ViewState
from sim.world import World

_EVERY_NS = 100_000_000
_RECENT = 500
_FEED_S = 5.0
_NEAR_NS = 30_000_000

_STATES: dict[str, DeviceState] = {
    "starting": "starting",
    "running": "starting",
    "resting": "restarting",
    "ended": "stopped",
    "failed": "stopped",
}


class Showing:
    """Writes one ViewState from one desk. Belongs to the desk's thread."""

    def __init__(self, desk: Desk, broker: DeskBroker, state: ViewState) -> None:
        self._desk = desk
        self._broker = broker
        self._state = state
        self._due_ns = 0
        self._late_ns: deque[int] = deque(maxlen=_RECENT)
        self._fed: deque[tuple[float, int]] = deque(maxlen=round(_FEED_S * 1e9 / _EVERY_NS))
        state.broker.port = broker.port
        profile = desk.setup.profile
        state.scenario, state.seed, state.lanes = desk.setup.scenario.name, desk.setup.seed, len(profile.lanes)
        state.view_mm, state.speed_mm_s = profile.camera.view_mm, profile.belt.speed_mm_s
        state.route = {label: profile.outlet_of(label) for label in desk.setup.skins}
        state.bundle = desk.setup.bundle.identity if desk.setup.bundle else ""
        state.profile = f"{profile.machine}@{profile.digest}"

    def step(self, now_ns: int) -> int:
        """Take in what the desk has to tell; returns the instant of the next step."""
        state, desk = self._state, self._desk
        state.elapsed_s = (now_ns - desk.began_ns) / 1e9
        while desk.device.events:
            state.say(desk.device.events.popleft())
        self._late_ns.extend(r.late_ns for r in desk.records if isinstance(r, Outcome) and r.result == "fired")
        if now_ns < self._due_ns:
            return self._due_ns
        self._due_ns = now_ns + _EVERY_NS
        if news := self._broker.news():
            state.say(news)
            running = self._broker.running
            state.broker.name = f"{running.name} {running.version}" if running else None
        for line in desk.device.said():
            if not line.startswith("INFO:"):  # LiteRT's own chatter
                state.say(f"device: {line}")
        self._device()
        if desk.world and desk.board:
            self._belt(desk.world, desk.board, now_ns)
            self._score(desk.world, desk.board)
        return self._due_ns

    def finish(self, now_ns: int) -> None:
        """Show how it ended."""
        self._due_ns = now_ns
        self.step(now_ns)

    def _device(self) -> None:
        state, desk = self._state, self._desk
        state.health = desk.health
        state.restarts = max(0, desk.device.supervisor.restarts)
        state.device = _STATES[desk.device.supervisor.state]
        if desk.device.supervisor.state == "running" and desk.health:
            state.device = desk.health.state
        state.gate_late = _spread(sorted(self._late_ns))
        if desk.health:
            if desk.health.inference_p50_ms:  # a window without fruit has no time to show
                state.inference = Spread(desk.health.inference_p50_ms)
            state.broker.online = desk.health.broker == "online"

    def _belt(self, world: World, board: Scoreboard, now_ns: int) -> None:
        """Who has fallen is known up to the lag; where the others are is shown as of now."""
        state = self._state
        state.belt_mm = world.end_mm
        told = list(board.log.told.values())
        moved_mm = world.belt.travel_mm(now_ns) - world.belt.travel_mm(now_ns - LAG_NS)
        state.fruit = [
            FruitSeen(item.lane, x_mm + moved_mm, item.label, _outlet(world, item, told))
            for item, x_mm in world.riding(now_ns - LAG_NS)
            if x_mm + moved_mm < world.end_mm
        ]
        levels = self._desk.device.lines.levels
        state.gates = [
            GateSeen(name, gate.lane, gate.x_mm, gate.outlet, levels[gate.pin] == int(gate.active_high))
            for name, gate in self._desk.setup.profile.gates.items()
        ]

    def _score(self, world: World, board: Scoreboard) -> None:
        state, score = self._state, board.score
        self._fed.append((state.elapsed_s, world.feed.fed))
        (then_s, then), (now_s, now) = self._fed[0], self._fed[-1]
        state.fed, state.fruit_per_s = now, (now - then) / (now_s - then_s) if now_s > then_s else 0.0
        state.outlets = {outlet: dict(fallen) for outlet, fallen in score.outlets.items()}
        state.fates = fates_in_order(score)
        state.latency = _spread(sorted(score.latency_ns.newest(_RECENT)))
        state.slack = _spread(sorted(score.slack_ns.newest(_RECENT), reverse=True))


def _outlet(world: World, item: Item, told: Sequence[Told]) -> str | None:
    """Where the machine sends a fruit, once it has said so."""
    origin_ns = world.passes_ns(item, 0.0)
    for each in told:
        if each.lane == item.lane and each.verdict and abs(each.origin_ns - origin_ns) < _NEAR_NS:
            return each.verdict.outlet
    return None


def _spread(ordered: Sequence[int]) -> Spread:
    """Of times in nanoseconds, the good ones first."""
    if not ordered:
        return Spread()
    return Spread(ordered[len(ordered) // 2] / 1e6, ordered[min(len(ordered) - 1, len(ordered) * 99 // 100)] / 1e6)
