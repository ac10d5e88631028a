"""`sorter bench pipeline`: the line's whole step on shipped frames, beside its floor in the same run.

The two take turns, block by block, so that a machine that slows down slows both. Every fruit is graded in every
frame, as the floor does it, however few looks a profile asks for.
"""

import resource
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

import firmware_config
from edge.bench.figures import ratio_with_interval
from edge.bench.floor import straight_loop
from edge.bench.recorded import Case, load_cases
from edge.bundle import FACTORY, Bundle, Thresholds, load_bundle
from edge.clock import now_ns
from edge.config import Profile, load_profile
from edge.datapath import BeltSample, Detection, Feed, Frame, GatePulse, Grades, Record, Scene
from edge.detect.segment import Segmenter
from edge.grade.litert import LiteRTGrader
from edge.line import Line
from edge.ports import Detector, Grader

TARGET = 1.25
"""At most so many times the floor, at the first case's size."""

_BLOCKS = 100
_WARM_UP = 3
_NS_PER_MS = 1e6


def bench(bundle: Path = FACTORY, blocks: int = _BLOCKS) -> dict[str, Any]:
    """Measure every shipped case. `missed` names the target where it was."""
    cv2.setNumThreads(1)  # as on the device
    chosen = load_bundle(bundle)
    cases = [_measure(case, chosen, blocks) for case in load_cases()]
    figures: dict[str, Any] = {"cases": cases, "rss_mb": round(_peak_rss_mb(), 1), "bundle": chosen.identity}
    if cases and cases[0]["ratio"] > TARGET:
        figures["missed"] = [
            f"{cases[0]['frame']}: {cases[0]['ratio']:.2f} times its floor; at most {TARGET} is wanted"
        ]
    return figures


class Bench:
    """The ports around the line: a camera that replays a case for ever, an encoder's samples in step with it, and
    gates that take every pulse."""

    def __init__(
        self,
        case: Case,
        profile: Profile,
        detector: Detector,
        grader: Grader,
        thresholds: Thresholds,
        heard: Callable[[Record], None] = lambda record: None,
    ) -> None:
        """`heard` is told what the line makes."""
        self.put = heard
        self._case = case
        self._number = 0
        self._speed_um_s = profile.speed_um_s
        self.line = Line(profile, "bench", self, detector, grader, self, self, thresholds)
        self.line.belt.observe(BeltSample(0, 0, self._speed_um_s))  # no frame is taken while its travel is unknown

    def frame(self) -> None:
        """One frame through the line."""
        self.line.step(self._at_ns())
        self._number += 1

    def take(self) -> Frame:
        picture = self._case.pictures[self._number % len(self._case.pictures)]
        return Frame("bench", self._number, self._at_ns(), picture)

    def dropped(self) -> int:
        return 0

    def beat(self) -> None:
        pass

    def submit(self, pulse: GatePulse) -> None:
        pass

    def scale(self, scale_ppm: int) -> None:
        pass

    def hold(self, held: bool) -> None:
        pass

    def ask(self, feed: Feed) -> None:
        pass

    def events(self, now_ns: int) -> Iterable[BeltSample]:
        return (BeltSample(now_ns, self._number * self._case.step_um, self._speed_um_s),)

    def _at_ns(self) -> int:
        """The instant at which the belt has moved by one picture more."""
        return self._number * self._case.step_um * 1_000_000_000 // self._speed_um_s


class _Timed:
    """A detector and a grader that add up the time that they take."""

    def __init__(self, detector: Detector, grader: LiteRTGrader) -> None:
        self._detector, self._grader = detector, grader
        self.bundle = grader.bundle
        self.detect_ns = self.grade_ns = 0

    def detect(self, frame: Frame) -> Sequence[Detection]:
        start = now_ns()
        found = self._detector.detect(frame)
        self.detect_ns += now_ns() - start
        return found

    def scene(self, travel_um: int) -> Scene | None:
        start = now_ns()
        found = self._detector.scene(travel_um)
        self.detect_ns += now_ns() - start
        return found

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        start = now_ns()
        graded = self._grader.grade(detections)
        self.grade_ns += now_ns() - start
        return graded


def demo_with(case: Case) -> Profile:
    """The demo machine with the case's camera, and a look at every fruit in every frame."""
    (folder,) = firmware_config.__path__
    demo = load_profile(Path(folder) / "profiles" / "demo.toml")
    height, width = case.pictures[0].shape[:2]
    camera = demo.camera.model_copy(update={"width_px": width, "height_px": height, "mm_per_px": case.mm_per_px})
    return demo.model_copy(
        update={"camera": camera, "grade": demo.grade.model_copy(update={"most_looks": 64, "stop_when_certain": False})}
    )


def _measure(case: Case, bundle: Bundle, blocks: int) -> dict[str, Any]:
    profile, grader, thresholds = demo_with(case), LiteRTGrader(bundle), bundle.manifest.thresholds
    pipeline = Bench(case, profile, Segmenter(case.mm_per_px), grader, thresholds)
    floor = straight_loop(bundle, case.pictures[0], case.fruit)
    ours: list[float] = []
    bare: list[float] = []
    for n in range(blocks + _WARM_UP):
        turns = ((ours, lambda _: pipeline.frame()), (bare, floor))
        for times, one in turns if n % 2 else reversed(turns):
            times.append(_block_ms(case.pictures, one))
    ours, bare = ours[_WARM_UP:], bare[_WARM_UP:]
    ratio, interval = ratio_with_interval(ours, bare)
    pipeline_ms = median(ours)
    return {
        "frame": case.frame,
        "fruit": case.fruit,
        "fps": round(1000 / pipeline_ms, 1),
        "pipeline_ms": round(pipeline_ms, 4),
        "floor_ms": round(median(bare), 4),
        "ratio": round(ratio, 4),
        "ratio_interval": [round(end, 4) for end in interval],
        "stages_ms": _stages(case, profile, grader, thresholds),
    }


def _block_ms(pictures: Sequence[NDArray[np.uint8]], one: Callable[[NDArray[np.uint8]], None]) -> float:
    """The median time of a frame in one pass over the pictures."""
    times = []
    for picture in pictures:
        start = now_ns()
        one(picture)
        times.append(now_ns() - start)
    return median(times) / _NS_PER_MS


def _stages(case: Case, profile: Profile, grader: LiteRTGrader, thresholds: Thresholds) -> dict[str, float]:
    """Median times of a frame's stages, from a run of their own: reading the clock around each costs time itself."""
    timed = _Timed(Segmenter(case.mm_per_px), grader)
    line = Bench(case, profile, timed, timed, thresholds)
    stages: dict[str, list[int]] = {"detect": [], "grade": [], "track_and_decide": []}
    for _ in range(20 * len(case.pictures)):
        timed.detect_ns = timed.grade_ns = 0
        start = now_ns()
        line.frame()
        whole_ns = now_ns() - start
        stages["detect"].append(timed.detect_ns)
        stages["grade"].append(timed.grade_ns)
        stages["track_and_decide"].append(whole_ns - timed.detect_ns - timed.grade_ns)
    return {stage: round(median(times) / _NS_PER_MS, 4) for stage, times in stages.items()}


def _peak_rss_mb() -> float:
    """The most memory that this process has held. Linux counts in KiB, macOS in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1024 * 1024 if sys.platform == "darwin" else 1024)
