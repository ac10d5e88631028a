"""`sorter grade` without its command line: still pictures through the device's own perception, one at a time."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.bundle import Thresholds
from edge.datapath import LABELS, Detection
from edge.detect.still import every_fruit, one_fruit
from edge.errors import ImageFault, UsageFault
from edge.grade.litert import LiteRTGrader
from edge.grade.verdict import label_of

SUFFIXES = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"})

_JPEG, _JPEG_END = b"\xff\xd8", b"\xff\xd9"


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


def find_images(paths: Iterable[Path]) -> list[Path]:
    """Files as given, folders by the images anywhere below them, in the order of their names.

    Raises UsageFault for a path that does not exist and for a folder without an image.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            # Links are not followed, so that a link to a folder above ends here.
            below = sorted(Path(top, name) for top, _, names in os.walk(path) for name in names)
            images = [file for file in below if file.suffix.lower() in SUFFIXES]
            if not images:
                kinds = ", ".join(sorted(SUFFIXES))
                raise UsageFault(f"{path}: no image in this folder or below it: must hold files named {kinds}")
            found += images
        elif path.exists():
            found.append(path)
        else:
            raise UsageFault(f"{path}: no such file or folder; give images or folders of images")
    return found


def read_image(file: Path) -> NDArray[np.uint8]:
    """The picture, uint8 RGB (h, w, 3), upright. Raises ImageFault."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise ImageFault(f"{file}: cannot be read: {error.strerror}") from None
    # A JPEG that was cut short decodes with its lower part grey.
    cut = data.startswith(_JPEG) and data.rfind(_JPEG_END) < len(data) // 2
    try:
        pixels = None if cut or not data else cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    except cv2.error:
        pixels = None
    if pixels is None:
        what = "is empty" if not data else "is cut short; copy it again" if cut else "is no image that can be decoded"
        raise ImageFault(f"{file}: {what}")
    return np.asarray(pixels, np.uint8)


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
    grades, _ = grader.grade(detection)
    label, confidence = label_of(grades, thresholds.damaged, thresholds.most_unknown)
    return Item(label, confidence, grades.unknown_score, grades.scores, detection.box_px)
