"""The whole machine in virtual time: the device's own steps and the world on one timeline, as fast as it goes.

Priorities order what falls on one instant: a frame is there before the gates move, the gates before the line steps,
and the world settles last.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2

from edge.bundle import Thresholds
from edge.datapath import Record
from edge.detect.segment import Segmenter
from edge.grade.litert import LiteRTGrader
from edge.line import Line
from edge.ports import Detector, Grader, RecordSink
from edge.telemetry.messages import Writer
from edge.telemetry.outbox import Outbox
from edge.telemetry.reporter import Reporter
from edge.trace.recorder import Recorder, open_recorder
from sim import report
from sim.chronicle import Chronicle
from sim.fast_camera import FastCamera
from sim.fast_gates import FastGates
from sim.memory_broker import MemoryBroker
from sim.perception import THRESHOLDS, TrueDetector, TrueGrader
from sim.scoreboard import Scoreboard
from sim.scores import ScoresDetector, ScoresGrader
from sim.service import ServedLine
from sim.setup import Setup
from sim.timeline import START_NS, Actor, Timeline
from sim.truth import stream
from sim.world import World

_WORLD_NS = 100_000_000
_AFTER_NS = 1_500_000_000
"""The run goes on for so long after the last fruit has left the belt: it lands, and the last records arrive."""

_RUN_ID = "fast"
_CAMERA, _GATES, _LINE, _OUTBOX, _RECORDER, _WORLD = range(6)

Progress = Callable[[int, float], None]
"""Told (fruit fallen, simulated seconds) ten times a simulated second."""


class _Fan:
    """Hands each record to the world's log and to telemetry."""

    def __init__(self, *sinks: RecordSink) -> None:
        self._sinks = sinks

    def put(self, record: Record) -> None:
        for sink in self._sinks:
            sink.put(record)


class FastRun:
    """One run, built and ready. `run` it once."""

    def __init__(self, setup: Setup, progress: Progress | None = None, record: Path | None = None) -> None:
        """`record`: the folder in which to record it; of `pixels` only: the other levels have no crops."""
        self.chronicle: Chronicle | None = None
        self._setup = setup
        self._progress = progress
        self._timeline = Timeline(START_NS)
        self._world = setup.world(START_NS)
        self.board = Scoreboard(setup.profile, self._world)
        self.broker = MemoryBroker()
        writer = Writer(setup.profile.site, setup.profile.machine, _RUN_ID, self._utc)
        self.outbox = Outbox(self.broker.connect(), setup.profile.telemetry.queue, writer)
        camera = FastCamera(setup, self._world, self.board)
        gates = FastGates(setup.profile, self._world, self._timeline, _GATES)
        self.board.safe = gates.safe
        detector, grader, thresholds = _perception(setup, self._world)
        self._recorder = _recorder(setup, record)
        sinks = (self.board.log, Reporter(writer, self.outbox), *((self._recorder,) if self._recorder else ()))
        sink = _Fan(*sinks)
        served = self._served(gates, sink)
        heard = served or gates, served or sink
        self.line = Line(setup.profile, _RUN_ID, camera, detector, grader, heard[0], heard[1], thresholds)
        step = _recorded(self.line, self._recorder) if self._recorder else self.line.step
        stepping = Actor(_LINE, served.serve(self.line, step) if served else step)

        def delivered() -> None:
            if served:
                served.ring()
            self._timeline.wake(stepping, self._timeline.now_ns)

        camera.delivered = delivered
        self._bundle = grader.bundle
        self._empty_ns: int | None = None
        for actor in (
            Actor(_CAMERA, camera.step),
            gates.actor,
            stepping,
            Actor(_OUTBOX, self.outbox.step),
            *((Actor(_RECORDER, self._recorder.step),) if self._recorder else ()),
            Actor(_WORLD, self._settle),
        ):
            self._timeline.wake(actor, START_NS)

    def keep_chronicle(self) -> Chronicle:
        """Keep what a plot of the run shows. Before `run`."""
        self.chronicle = Chronicle(self._world, self.board, START_NS)
        return self.chronicle

    def run(self) -> dict[str, Any]:
        """Run to the end; returns the report."""
        began = time.perf_counter()
        self._timeline.run(lambda: self._empty_ns is not None and self._timeline.now_ns >= self._empty_ns + _AFTER_NS)
        if self._recorder:
            self._recorder.close()
        score = self.board.finish()
        setup, feed = self._setup, self._world.feed
        return report.build(
            report.Run(
                scenario=setup.scenario.name,
                seed=setup.seed,
                perception=setup.perception,
                profile=setup.profile,
                bundle=self._bundle,
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

    def _served(self, gates: FastGates, sink: RecordSink) -> ServedLine | None:
        """The line's own slowness, where it is to have one."""
        times, scenario = self._setup.service, self._setup.scenario
        if times is None:
            return None

        def slowed(now_ns: int) -> float:
            return scenario.slow_factor((now_ns - START_NS) / 1e9)

        draw = stream(self._setup.seed, "service")
        return ServedLine(times, draw, slowed, gates, sink, self.board.log)

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
        """Wall time has no place in a run that must come out the same: its clock begins in 1970."""
        since = datetime.fromtimestamp((self._timeline.now_ns - START_NS) / 1e9, UTC)
        return since.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _perception(setup: Setup, world: World) -> tuple[Detector, Grader, Thresholds]:
    if setup.bundle is None:
        return TrueDetector(world, setup.profile.camera), TrueGrader(), THRESHOLDS
    thresholds = setup.bundle.manifest.thresholds
    if setup.table is not None:
        detector = ScoresDetector(world, setup.profile.camera, setup.skins, setup.table, setup.seed)
        return detector, ScoresGrader(setup.bundle, setup.table), thresholds
    cv2.setNumThreads(1)
    return Segmenter(setup.profile.camera.mm_per_px), LiteRTGrader(setup.bundle), thresholds


def _recorder(setup: Setup, folder: Path | None) -> Recorder | None:
    if folder is None or setup.bundle is None or setup.perception != "pixels":
        return None
    return open_recorder(folder, setup.profile, _RUN_ID, setup.bundle, Line.REMEMBERED)


def _recorded(line: Line, recorder: Recorder) -> Callable[[int], int]:
    """The line's step, with the recorder's turn before it."""

    def step(now_ns: int) -> int:
        recorder.between(now_ns, line.memory)
        return line.step(now_ns)

    return step
