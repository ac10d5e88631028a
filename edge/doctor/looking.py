"""Looks through the camera for a moment, with the line's own eyes: its segmenter and its bundle's network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np

from edge import clock
from edge.bundle import GOLDEN, Bundle
from edge.capture.losses import Holes
from edge.capture.mailbox import FrameSource
from edge.config import Profile
from edge.datapath import Frame
from edge.detect.segment import Segmenter
from edge.doctor.eyes import Learned, View
from edge.grade.litert import LiteRTGrader, sharpness

FOR_S = 3.0
_FIRST_S = 10.0
_WHITE = 250
_SPARSE = 8
"""Every so many pixels are asked whether they are white."""

_GRADED = 3
"""Every so many frames fruit are graded: the others are only counted, so that none is lost over it."""


@dataclass(slots=True)
class _Seen:
    """What has gathered so far."""

    frames: int = 0
    ages_ms: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    blown: list[float] = field(default_factory=list)
    sharp: list[float] = field(default_factory=list)
    strange: list[float] = field(default_factory=list)


def look(opened: Callable[[], FrameSource], profile: Profile, bundle: Bundle, for_s: float = FOR_S) -> View:
    """What the camera shows in so long. Raises CameraFault where it cannot be opened, or stops."""
    segmenter, grader = Segmenter(profile.camera.mm_per_px), LiteRTGrader(bundle)
    period_ns = round(1e9 / profile.camera.frames_hz)
    holes, seen = Holes(period_ns), _Seen()
    source = opened()
    lost_before = 0
    try:
        began_ns = clock.now_ns()
        until_ns = began_ns + round(_FIRST_S * 1e9)
        while (frame := source.next_frame(until_ns)) is not None:
            if not seen.frames:
                began_ns = clock.now_ns()
                until_ns, lost_before = began_ns + round(for_s * 1e9), source.lost()
            seen.ages_ms.append((clock.now_ns() - frame.exposed_at_ns) / 1e6)
            lost = max(holes.count(frame), source.lost() - lost_before)
            _measure(frame, segmenter, grader, profile, seen)
        seconds = (clock.now_ns() - began_ns) / 1e9
    finally:
        source.close()
    return _view(seen, lost if seen.frames else 0, seconds)


def learned(bundle: Bundle) -> Learned:
    """Raises OSError or ValueError where the bundle is not whole."""
    with np.load(bundle.folder / GOLDEN, allow_pickle=False) as stored:
        golden = stored["tensors"]
    return Learned(median(sharpness(tensor) for tensor in golden), bundle.manifest.thresholds.most_unknown)


def _measure(frame: Frame, segmenter: Segmenter, grader: LiteRTGrader, profile: Profile, seen: _Seen) -> None:
    seen.frames += 1
    found = segmenter.detect(frame)
    scene = segmenter.scene(frame.exposed_at_ns * profile.speed_um_s // 1_000_000_000)
    if scene is not None:
        seen.levels.append(scene.level)
    if seen.frames % _GRADED:
        return
    seen.blown.append(float((frame.pixels[::_SPARSE, ::_SPARSE].min(axis=2) >= _WHITE).mean()))
    whole = [fruit for fruit in found if not fruit.touches_edge]
    for grades, sharp in grader.grade(whole):
        seen.sharp.append(sharp)
        seen.strange.append(grades.unknown_score)


def _view(seen: _Seen, lost: int, seconds: float) -> View:
    def middle(values: list[float]) -> float:
        return median(values) if values else 0.0

    return View(
        frames=seen.frames,
        lost=lost,
        seconds=seconds,
        age_ms=middle(seen.ages_ms),
        level=middle(seen.levels) if seen.levels else None,
        blown=middle(seen.blown),
        fruit=len(seen.sharp),
        sharpness=middle(seen.sharp),
        strange=middle(seen.strange),
    )
