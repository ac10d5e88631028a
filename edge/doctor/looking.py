"""Looks through the camera for a moment, with the line's own eyes: its segmenter and its bundle's network."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median

import numpy as np
from numpy.typing import NDArray

from edge import clock
from edge.bundle import GOLDEN, Bundle
from edge.capture.mailbox import FrameSource, Mailbox, capture
from edge.config import Profile
from edge.datapath import Frame
from edge.detect.segment import Segmenter
from edge.doctor.eyes import Learned, View
from edge.doctor.paths import Paths
from edge.grade.litert import LiteRTGrader, sharpness

FOR_S = 3.0
FIRST_S = 10.0
_WHITE = 250
_SPARSE = 8
"""Every so many pixels are asked whether they are white."""

_GRADED = 3
"""Of so many frames that are looked at, fruit are graded in one."""

_KEPT, _KEPT_EVERY = 15, 6
"""Pictures that are kept, and of how many one: between two of them a fruit has gone on."""


@dataclass(slots=True)
class _Seen:
    """What has gathered so far."""

    first: Frame | None = None
    last: Frame | None = None
    ages_ms: list[float] = field(default_factory=list)
    levels: list[float] = field(default_factory=list)
    blown: list[float] = field(default_factory=list)
    sharp: list[float] = field(default_factory=list)
    strange: list[float] = field(default_factory=list)
    pictures: list[NDArray[np.uint8]] = field(default_factory=list)
    paths: Paths = field(default_factory=lambda: Paths(0.0))


def look(opened: Callable[[], FrameSource], profile: Profile, bundle: Bundle, for_s: float | None = None) -> View:
    """What the camera shows in so long, read by a thread of its own as in a run. Raises CameraFault where it cannot be
    opened, or stops."""
    for_s = FOR_S if for_s is None else for_s
    segmenter, grader = Segmenter(profile.camera.mm_per_px), LiteRTGrader(bundle)
    period_ns = round(1e9 / profile.camera.frames_hz)
    mailbox, seen, ended = Mailbox(period_ns), _Seen(paths=Paths(profile.belt.speed_mm_s)), threading.Event()
    source = opened()
    silent_s = for_s + FIRST_S  # a camera that falls silent is told by what came of it
    reader = threading.Thread(target=capture, args=(source, mailbox, silent_s, FIRST_S, ended.is_set), daemon=True)
    reader.start()
    try:
        until_ns = clock.now_ns() + round(FIRST_S * 1e9)
        while (now_ns := clock.now_ns()) < until_ns:
            mailbox.wait(until_ns)
            if (frame := mailbox.take()) is None:
                continue
            if seen.first is None:
                until_ns = now_ns + round(for_s * 1e9)
            _measure(frame, segmenter, grader, profile, seen)
    finally:
        ended.set()
        reader.join(FIRST_S)
    return _view(seen, period_ns, for_s)


def learned(bundle: Bundle) -> Learned:
    """Raises OSError or ValueError where the bundle is not whole."""
    with np.load(bundle.folder / GOLDEN, allow_pickle=False) as stored:
        golden = stored["tensors"]
    return Learned(median(sharpness(tensor) for tensor in golden), bundle.manifest.thresholds.most_unknown)


def _measure(frame: Frame, segmenter: Segmenter, grader: LiteRTGrader, profile: Profile, seen: _Seen) -> None:
    seen.first, seen.last = seen.first or frame, frame
    seen.ages_ms.append((clock.now_ns() - frame.exposed_at_ns) / 1e6)
    found = segmenter.detect(frame)
    seen.paths.see(frame, found)
    scene = segmenter.scene(frame.exposed_at_ns * profile.speed_um_s // 1_000_000_000)
    if scene is not None:
        seen.levels.append(scene.level)
    if len(seen.ages_ms) % _GRADED:
        return
    if len(seen.ages_ms) % _KEPT_EVERY == 0 and len(seen.pictures) < _KEPT:
        seen.pictures.append(frame.pixels)
    seen.blown.append(float((frame.pixels[::_SPARSE, ::_SPARSE].min(axis=2) >= _WHITE).mean()))
    whole = [fruit for fruit in found if not fruit.touches_edge]
    for grades, sharp in grader.grade(whole):
        seen.sharp.append(sharp)
        seen.strange.append(grades.unknown_score)


def _view(seen: _Seen, period_ns: int, for_s: float) -> View:
    def middle(values: list[float]) -> float:
        return median(values) if values else 0.0

    slots = lost = 0
    if seen.first is not None and seen.last is not None:
        slots = 1 + round((seen.last.exposed_at_ns - seen.first.exposed_at_ns) / period_ns)
        lost = seen.last.lost - seen.first.lost
    return View(
        frames=max(0, slots - lost),
        lost=lost,
        seconds=max(for_s, slots * period_ns / 1e9),
        age_ms=middle(seen.ages_ms),
        level=middle(seen.levels) if seen.levels else None,
        blown=middle(seen.blown),
        fruit=len(seen.sharp),
        sharpness=middle(seen.sharp),
        strange=middle(seen.strange),
        pictures=tuple(seen.pictures),
        path=seen.paths.found(),
    )
