"""Who starts the device of a run in virtual time, harms it, and starts it anew: the desk's systemd and its vandal."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.clock import Clock
from edge.handover import Handover
from sim.fast_camera import FastCamera
from sim.fast_device import HOST, Desk, FastDevice
from sim.fast_history import Histories
from sim.memory_broker import MemoryBroker
from sim.scoreboard import Scoreboard
from sim.setup import Setup
from sim.supervisor import NS_PER_MS, Unit
from sim.timeline import NEVER_NS, Actor, Timeline
from sim.truth import stream
from sim.world import World

STARTS_S = (0.6, 1.0)
"""From its start until the device's line steps: even, as on the desk."""

BOOTS_S = (8.0, 12.0)
"""The same from power: a small computer's boot comes first."""

_LASTING = ("main-killed", "main-hung", "gates-killed", "gates-hung", "power-cut", "broker-down")


class FastHost:
    """One run's. `device` is the one that runs, or ran last."""

    def __init__(
        self,
        setup: Setup,
        world: World,
        timeline: Timeline,
        camera: FastCamera,
        board: Scoreboard,
        broker: MemoryBroker,
        record: Path | None,
        utc: Callable[[], str],
        updates: Callable[[Clock], Handover] | None = None,
    ) -> None:
        self._faults = world.faults
        self._folder = TemporaryDirectory() if self._faults.spans("disk-full") else None
        histories = Histories(setup.profile, lambda: timeline.now_ns)
        disk = Path(self._folder.name) if self._folder else None
        self._desk = Desk(
            *(setup, world, timeline, camera, board, broker, record, disk, utc, self._held, self._sorts),
            *(self._main_ended, histories, updates),
        )
        self._draw = stream(setup.seed, "restart")
        self._unit = Unit()
        self._is_held, self._has_begun = False, True
        self._runs = 0
        self._ended_by: str | None = None
        self._start_ns = NEVER_NS
        self._watchdog_ns = NEVER_NS
        self._due = sorted(
            (at_ns, name, n) for name in _LASTING for span in self._faults.spans(name) for n, at_ns in enumerate(span)
        )
        self._actor = Actor(HOST, self._step)
        self.device = FastDevice(self._desk, histories.run_id(0))

    def start(self, now_ns: int) -> None:
        self.device.start(now_ns)
        self._desk.timeline.wake(self._actor, now_ns)

    def close(self) -> None:
        """The run is over."""
        self.device.close()
        if self._folder:
            self._folder.cleanup()

    def _step(self, now_ns: int) -> int:
        while self._due and self._due[0][0] <= now_ns:
            _, name, end = self._due.pop(0)
            (self._end if end else self._begin)(name, now_ns)
        if now_ns >= self._watchdog_ns:
            self._kill(now_ns)
        if now_ns >= self._start_ns:
            self._start_anew(now_ns)
        return min(self._due[0][0] if self._due else NEVER_NS, self._watchdog_ns, self._start_ns)

    def _begin(self, name: str, now_ns: int) -> None:
        if name == "broker-down":
            self._desk.broker.go_down()
        elif not self.device.alive:
            return
        elif name == "main-killed":
            self._kill(now_ns)
        elif name == "main-hung":
            self.device.hang_main(hung=True)
            self._watchdog_ns = now_ns + self._unit.watchdog_ms * NS_PER_MS
        elif name == "gates-killed":
            self.device.gates.die()
        elif name == "gates-hung":
            self.device.gates.hang(hung=True)
        elif name == "power-cut":
            self._kill(now_ns, restarts=False)

    def _end(self, name: str, now_ns: int) -> None:
        if name == "broker-down":
            self._desk.broker.come_up()
        elif name == "power-cut":
            self._start_ns = now_ns + self._seconds(BOOTS_S)
        elif name == "main-hung" and self.device.alive:
            self._watchdog_ns = NEVER_NS
            self.device.hang_main(hung=False)
        elif name == "gates-hung" and self.device.alive:
            self.device.gates.hang(hung=False)

    def _kill(self, now_ns: int, restarts: bool = True) -> None:
        self.device.kill_main()
        self._ended_by = "was killed" if restarts else "lost its power"
        if restarts:
            self._main_ended()
        else:
            self._ended(NEVER_NS)

    def _main_ended(self) -> None:
        """Main is gone, of itself or not: it is started again as its unit says."""
        self._ended(self._desk.timeline.now_ns + self._unit.restart_ms * NS_PER_MS + self._seconds(STARTS_S))

    def _ended(self, start_ns: int) -> None:
        self._has_begun = False
        self._turn()
        self._watchdog_ns = NEVER_NS
        self._start_ns = start_ns
        self._desk.timeline.wake(self._actor, start_ns)

    def _start_anew(self, now_ns: int) -> None:
        self._start_ns = NEVER_NS
        self._runs += 1
        self._is_held = False
        # What came while nobody listened is lost.
        self._desk.camera.take()
        world = self._desk.world
        for source in (world.wheel, world.exits):
            if source:
                deque(source.until(now_ns), maxlen=0)
        self.device = FastDevice(self._desk, self._desk.histories.run_id(self._runs), self._ended_by)
        self._ended_by = None
        self.device.start(now_ns)

    def _seconds(self, between: tuple[float, float]) -> int:
        return round(self._draw.uniform(*between) * 1e9)

    def _held(self, held: bool) -> None:
        self._is_held = held
        self._turn()

    def _sorts(self) -> None:
        self._has_begun = True
        self._turn()

    def _turn(self) -> None:
        """Note when no fruit can be sorted, from an instant on or no longer."""
        spans, now_ns = self._desk.board.safe, self._desk.timeline.now_ns
        safe = self._is_held or not self._has_begun
        if safe and not (spans and spans[-1][1] is None):
            spans.append((now_ns, None))
        elif not safe and spans and spans[-1][1] is None:
            spans[-1] = (spans[-1][0], now_ns)
