"""What a device in virtual time is made of beside its actors: its eyes and its slowness."""

from __future__ import annotations

import cv2

from edge.bundle import Thresholds
from edge.derating import Measured
from edge.detect.segment import Segmenter
from edge.grade.litert import LiteRTGrader
from edge.ports import Detector, Grader, RecordSink
from sim.fast_gates import FastGates
from sim.perception import THRESHOLDS, TrueDetector, TrueGrader
from sim.scores import ScoresDetector, ScoresGrader
from sim.service import Listener, ServedLine
from sim.setup import Setup
from sim.slowness import Slowness
from sim.timeline import START_NS
from sim.truth import stream
from sim.world import World


def measured(setup: Setup) -> Measured | None:
    """What a self-test on the computer of `--service-time` would find."""
    times = setup.service
    return Measured(0, 0, round(times.frame_ms * 1e6), round(times.look_ms * 1e6)) if times else None


def served_line(setup: Setup, world: World, gates: FastGates, sink: RecordSink, log: Listener) -> ServedLine | None:
    """The line's own slowness, where it is to have one."""
    times, scenario, slowness = setup.service, setup.scenario, Slowness(world.faults)
    if times is None:
        return None

    def slowed(now_ns: int) -> float:
        return scenario.slow_factor((now_ns - START_NS) / 1e9) * slowness.factor(now_ns)

    draw = stream(setup.seed, "service")
    return ServedLine(times, draw, slowed, gates, sink, log)


def perception(setup: Setup, world: World) -> tuple[Detector, Grader, Thresholds]:
    if setup.bundle is None:
        return TrueDetector(world, setup.profile.camera), TrueGrader(), THRESHOLDS
    thresholds = setup.bundle.manifest.thresholds
    if setup.table is not None:
        detector = ScoresDetector(world, setup.profile.camera, setup.skins, setup.table, setup.seed)
        return detector, ScoresGrader(setup.bundle, setup.table), thresholds
    cv2.setNumThreads(1)
    return Segmenter(setup.profile.camera.mm_per_px), LiteRTGrader(setup.bundle), thresholds
