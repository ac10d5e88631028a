"""What the line feels of its outbox: the time of its step in blocks that take turns, with a broker that answers, and
with one that is away for half of the block and then takes a backlog."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import cv2

from edge.bench.figures import percentile, percentile_ratio
from edge.bench.mosquitto import Mosquitto
from edge.bench.pipeline import Bench, demo_with
from edge.bench.recorded import load_cases
from edge.bench.telemetry_disk import lay_by
from edge.bench.telling import decided, demo_told_to, fallen, telling
from edge.bundle import FACTORY, load_bundle
from edge.clock import now_ns, sleep_until
from edge.detect.segment import Segmenter
from edge.grade.litert import LiteRTGrader

NS = 1_000_000_000
FRAMES_HZ = 30
FRUIT_A_FRAME = 3
"""Beside those in the picture: a hundred verdicts a second in all."""


def felt(folder: Path, blocks: int, block_s: float) -> dict[str, Any]:
    """So many blocks of each kind. Times in ms are of a step: a frame through the real line, and its fruit told of."""
    folder.mkdir()
    (folder / "broker").mkdir()
    broker = Mosquitto(folder / "broker")
    (folder / "away").mkdir()
    lay_by(folder / "away", round(blocks * block_s * 600))
    line = _line()
    calm: list[list[int]] = []
    stressed: list[list[int]] = []
    sys.setswitchinterval(0.001)
    for n in range(blocks):
        for is_calm in (True, False) if n % 2 else (False, True):
            outbox = folder / ("calm" if is_calm else "away")
            times = _block(line, broker, outbox, f"{outbox.name}{n}", block_s, outage=not is_calm)
            (calm if is_calm else stressed).append(times)
    broker.stop()
    ratio, interval = percentile_ratio(stressed, calm, 0.99)
    p99_ms = [percentile([t for block in side for t in block], 0.99) / 1e6 for side in (calm, stressed)]
    return {
        "step_p99_ms_calm": round(p99_ms[0], 3),
        "step_p99_ms_outage": round(p99_ms[1], 3),
        "ratio_p99": round(ratio, 3),
        "ratio_p99_interval": [round(end, 3) for end in interval],
        "steps": sum(map(len, calm)) + sum(map(len, stressed)),
    }


def _line() -> Bench:
    cv2.setNumThreads(1)
    case, bundle = load_cases()[0], load_bundle(FACTORY)
    profile = demo_with(case)
    line = Bench(case, profile, Segmenter(case.mm_per_px), LiteRTGrader(bundle), bundle.manifest.thresholds)
    for _ in range(30):
        line.frame()
    return line


def _block(line: Bench, broker: Mosquitto, outbox: Path, run_id: str, block_s: float, *, outage: bool) -> list[int]:
    times: list[int] = []
    with telling(demo_told_to(broker.url, outbox), run_id) as telemetry:
        sleep_until(now_ns() + NS // 2)
        began_ns = now_ns()
        frames = round(block_s * FRAMES_HZ)
        if outage:
            broker.stop()
        for n in range(frames):
            at_ns = sleep_until(began_ns + n * NS // FRAMES_HZ)
            line.frame()
            for fruit in range(FRUIT_A_FRAME):
                track_id = f"{run_id}.{n}.{fruit}"
                for record in (*decided(track_id), fallen(track_id)):
                    telemetry.put(record)
            times.append(now_ns() - at_ns)
            if outage and n == frames // 2:
                broker.start()
                began_ns = now_ns() - (n + 1) * NS // FRAMES_HZ
    return times
