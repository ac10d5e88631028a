"""The whole machine in virtual time: the device's own steps and the world on one timeline, as fast as it goes.

Priorities order what falls on one instant: a frame is there before the gates move, the gates before the line steps,
and the world settles last.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from edge.clock import Clock
from edge.handover import Handover
from edge.line import Line
from edge.telemetry.outbox import Outbox
from sim import report
from sim.chronicle import Chronicle
from sim.fast_camera import FastCamera
from sim.fast_device import CAMERA, HOST, WORLD
from sim.fast_host import FastHost
from sim.memory_broker import MemoryBroker
from sim.scoreboard import Scoreboard
from sim.setup import Setup
from sim.timeline import START_NS, Actor, Timeline

_WORLD_NS = 100_000_000
_ALLOCATIONS = 20_000
"""Between two looks for garbage: a run makes next to none, and they would take a tenth of its time."""

_AFTER_NS = 1_500_000_000
"""The run goes on for so long after the last fruit has left the belt: it lands, and the last records arrive."""

CLOCK_STEP_S = 3_600.0
"""By how much the wall clock is set forward."""

Progress = Callable[[int, float], None]
"""Told (fruit fallen, simulated seconds) ten times a simulated second."""


class FastRun:
    """One run, built and ready. `run` it once."""

    def __init__(
        self,
        setup: Setup,
        progress: Progress | None = None,
        record: Path | None = None,
        updates: Callable[[Clock], Handover] | None = None,
    ) -> None:
        """`record`: the folder in which to record it; of `pixels` only: the other levels have no crops. `updates`:
        makes what brings other bundles to the line, at each start of the device."""
        self.chronicle: Chronicle | None = None
        self._setup = setup
        self._progress = progress
        self._timeline = Timeline(START_NS)
        self._world = setup.world(START_NS)
        self.board = Scoreboard(setup.profile, self._world)
        self.broker = MemoryBroker()
        camera = FastCamera(setup, self._world, self.board)
        self._host = FastHost(
            setup, self._world, self._timeline, camera, self.board, self.broker, record, self._utc, updates
        )
        self._empty_ns: int | None = None
        self._host.start(START_NS)
        for actor in (Actor(CAMERA, camera.step), Actor(WORLD, self._settle)):
            self._timeline.wake(actor, START_NS)

    @property
    def line(self) -> Line:
        """The one that runs, or ran last."""
        return self._host.device.line

    @property
    def outbox(self) -> Outbox:
        return self._host.device.outbox

    def keep_chronicle(self) -> Chronicle:
        """Keep what a plot of the run shows. Before `run`."""
        self.chronicle = Chronicle(self._world, self.board, START_NS)
        return self.chronicle

    def beside(self, step: Callable[[int], int]) -> None:
        """Another process on the same computer, from the start on. Before `run`."""
        self._timeline.wake(Actor(HOST, step), START_NS)

    def run_until(self, is_over: Callable[[], bool]) -> None:
        """Run until it is over, or to the end; fruit are left on the belt."""
        with _seldom_collected():
            self._timeline.run(lambda: self._has_ended() or is_over())
        self._host.close()

    def run(self) -> dict[str, Any]:
        """Run to the end; returns the report."""
        began = time.perf_counter()
        self.run_until(lambda: False)
        score = self.board.finish()
        setup, feed = self._setup, self._world.feed
        return report.build(
            report.Run(
                scenario=setup.scenario.name,
                seed=setup.seed,
                perception=setup.perception,
                profile=setup.profile,
                bundle=self._host.device.bundle,
                sim_s=(self._timeline.now_ns - START_NS) / 1e9,
                wall_s=time.perf_counter() - began,
                feed_s=self._world.fed_s,
                fed=feed.fed,
                fruit=feed.fed,
                fruit_images=setup.fruit_images,
                service_time=setup.service.name if setup.service else "none",
                faults=setup.scenario.fault,
                start_ns=START_NS,
            ),
            score,
            self.board.log,
        )

    def _has_ended(self) -> bool:
        return self._empty_ns is not None and self._timeline.now_ns >= self._empty_ns + _AFTER_NS

    def _settle(self, now_ns: int) -> int:
        self._world.advance(now_ns)
        self.board.settle(now_ns)
        if self._empty_ns is None and self._world.empty:
            self._empty_ns = now_ns
        if self.chronicle:
            self.chronicle.watch(now_ns)
        if self._progress:
            self._progress(self.board.score.fates.total(), (now_ns - START_NS) / 1e9)
        return now_ns + _WORLD_NS

    def _utc(self) -> str:
        """Wall time has no place in a run that must come out the same: its clock begins in 1970. It may be set."""
        now_ns = self._timeline.now_ns
        set_s = CLOCK_STEP_S if self._world.faults.holds("clock-step", now_ns) else 0
        since = datetime.fromtimestamp((now_ns - START_NS) / 1e9 + set_s, UTC)
        return since.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def _seldom_collected() -> Iterator[None]:
    before = gc.get_threshold()
    gc.set_threshold(_ALLOCATIONS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)
