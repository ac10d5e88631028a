"""`sorter grade` without its command line: still pictures through the device's own perception, one at a time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edge.bundle import Thresholds
from edge.capture.images import read_image
from edge.datapath import LABELS, Detection
from edge.detect.still import every_fruit, one_fruit
from edge.errors import ImageFault
from edge.grade.fusion import Judge
from edge.grade.litert import LiteRTGrader
from edge.grade.turned import look_at


@dataclass(frozen=True, slots=True)
class Item:
    """One fruit in one picture. `box_px` is (x, y, width, height)."""

    label: str
    confidence: float
    unknown_score: float
    scores: tuple[float, ...]
    box_px: tuple[int, int, int, int]

    def as_json(self) -> dict[str, Any]:
        """As `sorter grade --json` gives it."""
        return {
            "label": self.label,
            "confidence": round(self.confidence, 4),
            "unknown_score": round(self.unknown_score, 4),
            "scores": {label: round(score, 4) for label, score in zip(LABELS, self.scores, strict=True)},
            "box_px": list(self.box_px),
        }


@dataclass(frozen=True, slots=True)
class Graded:
    """What came of one file: its items, or the fault that kept it from being read."""

    file: Path
    items: tuple[Item, ...] = ()
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """One line of `sorter grade --json`."""
        if self.error is not None:
            return {"file": str(self.file), "error": self.error}
        return {"file": str(self.file), "items": [item.as_json() for item in self.items]}


def grade_files(
    files: Iterable[Path], grader: LiteRTGrader, thresholds: Thresholds, *, scene: bool
) -> Iterator[Graded]:
    """Grade each file; one that cannot be read is told of and the rest goes on. `scene`: any number of fruit in each;
    otherwise exactly one."""
    for file in files:
        try:
            pixels = read_image(file)
        except ImageFault as fault:
            yield Graded(file, error=str(fault).removeprefix(f"{file}: "))
            continue
        detections = every_fruit(pixels) if scene else [one_fruit(pixels)]
        yield Graded(file, tuple(_item(detection, grader, thresholds) for detection in detections))


def _item(detection: Detection, grader: LiteRTGrader, thresholds: Thresholds) -> Item:
    judge = Judge.of(thresholds)
    grades = judge.fuse([look_at(grader, detection)])
    label, confidence = judge.label(grades, 1)
    return Item(label, confidence, grades.unknown_score, grades.scores, detection.box_px)
