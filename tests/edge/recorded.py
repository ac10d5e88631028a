"""Small recorded runs: fruit of many greys on a drawn belt, through the line and the black box, in virtual time."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from edge.audited.draw import Sampling
from edge.bundle import Bundle, load_bundle
from edge.config import Profile
from edge.datapath import BeltSample, Detection, Frame, GatePulse, Grades, Outcome, Record, Scene
from edge.gradings import Grading
from edge.line import Line
from edge.trace.recorder import Recorder, open_recorder
from tests.edge.bundles import write_bundle
from tests.edge.profiles import demo

FRAME_NS = 33_333_333
SPEED_UM_S = 600_000


class CropGrader:
    """Grades by what is in the crop and the mask, so that a lost bit of either shows."""

    def __init__(self, bundle: str, bias: int = 0) -> None:
        self.bundle = bundle
        self._bias = bias

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        return [self._grade(detection) for detection in detections]

    def _grade(self, detection: Detection) -> tuple[Grades, float]:
        grey = (int(detection.crop.sum()) + int(detection.mask.sum()) + self._bias) % 997 / 997
        scores = (0.1 * grey, 0.2 * grey, 1 - 0.4 * grey, 0.1 * grey)
        return Grades(scores, 0.1 * grey, detection.crop[:2, :2, 0].astype(np.int8).ravel()), 1 + grey


class Belt:
    """Two lanes of fruit 110 mm apart; answers every port of the line, and says late what became of pulses."""

    def __init__(self, seconds: float, slip: float = 0.0) -> None:
        """`slip`: of the belt's travel, what the encoder misses."""
        self._slip = slip
        draw = np.random.default_rng(5)
        count = int(seconds * SPEED_UM_S / 110_000)
        self._fruit = [(n * 110_000, 100.0 + 120 * (n % 2), draw.integers(0, 255, (60, 60, 3))) for n in range(count)]
        self.frame: Frame | None = None
        self.said: list[BeltSample | Outcome] = []

    def take(self) -> Frame | None:
        frame, self.frame = self.frame, None
        return frame

    def dropped(self) -> int:
        return 0

    def detect(self, frame: Frame) -> Iterator[Detection]:
        for origin_um, y_mm, pixels in self._fruit:
            x_mm = (frame.exposed_at_ns * SPEED_UM_S // 10**9 - origin_um) / 1000
            if 30 <= x_mm <= 418:
                crop = (pixels + frame.number).astype(np.uint8)
                mask = (crop[::2, ::2, 0] > 20).astype(np.uint8) * 255
                yield Detection((int(x_mm), 0, 60, 60), x_mm / 7 * 7, y_mm, 60.1, 59.9, False, crop, mask)

    def scene(self, travel_um: int) -> Scene:
        """A lamp that fades a little, and dirt that comes and goes."""
        return Scene(70.0 - travel_um / 1e6, None if travel_um % 7 else travel_um % 11 / 100)

    def beat(self) -> None: ...

    def scale(self, scale_ppm: int) -> None: ...

    def hold(self, held: bool) -> None: ...

    def ask(self, feed: object) -> None: ...

    def sample(self, now_ns: int) -> None:
        speed_um_s = round(SPEED_UM_S * (1 - self._slip))
        self.said.append(BeltSample(now_ns, now_ns * speed_um_s // 10**9, speed_um_s))

    def submit(self, pulse: GatePulse) -> None:
        self.said.append(Outcome(pulse, "fired", 12345, 678))

    def events(self, now_ns: int) -> list[BeltSample | Outcome]:
        said, self.said = self.said, []
        return said


class _Fan:
    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def put(self, record: Record) -> None:
        self._recorder.put(record)


def bundle_in(folder: Path) -> Bundle:
    return load_bundle(folder if folder.is_dir() else write_bundle(folder))


def recorded(
    tmp_path: Path,
    seconds: float = 7.0,
    profile: Profile | None = None,
    slip: float = 0.0,
    step_ns: int = 1,
    changes: Mapping[int, Grading] | None = None,
    draws: Mapping[int, Sampling] | None = None,
) -> Path:
    """Record a run; returns its folder. The recorder's own step comes at every tenth of the line's."""
    profile = profile or demo()
    bundle = bundle_in(tmp_path / "bundle")
    recorder = open_recorder(tmp_path / "box", profile, "r", bundle, Line.REMEMBERED)
    drive(recorder, profile, bundle, seconds, slip=slip, step_ns=step_ns, changes=changes, draws=draws)
    recorder.close()
    (run,) = (tmp_path / "box").iterdir()
    return run


def drive(
    recorder: Recorder,
    profile: Profile,
    bundle: Bundle,
    seconds: float,
    written: bool = True,
    slip: float = 0.0,
    step_ns: int = 1,
    changes: Mapping[int, Grading] | None = None,
    draws: Mapping[int, Sampling] | None = None,
) -> int:
    """Step a line with the recorder at its side; returns the steps. `written` False: its thread hangs. `step_ns`: how
    long each step takes; of the frames that come meanwhile the newest stays. `changes`: who takes over, by step;
    `draws`: by which chance fruit are drawn for inspection from then on."""
    world, grader = Belt(seconds, slip), CropGrader(bundle.identity)
    line = Line(profile, "r", world, world, grader, world, _Fan(recorder), bundle.manifest.thresholds)
    now = steps = frame = 0
    while now < seconds * 1e9:
        if not steps % 5:
            world.sample(now)
        if changes and steps in changes:
            line.gradings.offer(changes[steps])
        if draws and steps in draws:
            line.inspection.offer(draws[steps])
        recorder.between(now, line.memory)
        wake = max(now + step_ns, line.step(now))
        steps += 1
        if written and not steps % 10:
            recorder.step(now)
        delivered = frame * FRAME_NS + 4_000_000
        if delivered <= wake:
            now = max(now + step_ns, delivered)
            frame = max(frame, (now - 4_000_000) // FRAME_NS)
            world.frame = Frame("c", frame, frame * FRAME_NS, np.zeros((480, 640, 3), np.uint8))
            frame += 1
        else:
            now = wake
    return steps
