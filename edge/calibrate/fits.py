"""Whether a calibration still fits: what a few new frames show, held to what the profile says was found.

Pure: `observe` frames, then ask `misfits`. What stands still in the picture tells of the camera; what runs through it,
of camera and belt together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot
from statistics import median

import numpy as np
from numpy.typing import NDArray

from edge.calibrate.align import Moved, moved
from edge.calibrate.balls import Balls, Passage
from edge.calibrate.light import belt_colour, median_plate
from edge.config import Profile
from edge.datapath import Frame
from edge.detect.segment import Segmenter

Pixels = NDArray[np.uint8]

_PICTURES = 15
_FEWEST_PASSAGES = 3
_SHIFT_MM = 2.0
_TURN_DEG = 0.3
_ZOOM = 0.01
"""Of the scale: as far off as the tracks' own check lets pass, and half as far again as two plates differ."""

_SPEED = 0.02
"""Of the belt's: what the line takes for its own error, not the belt's (`edge.detect.drift`)."""

_ASKEW_DEG = 0.5
"""Of a few fruit, which run a little to and fro."""

_ACROSS_MM = 15.0
_LEVEL = (0.85, 1.18)
_HUE = 0.06
"""Of the share that a channel has of the belt's colour."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What frames show. `plate`: what stands still, None of too few frames. `passages`: whatever went through."""

    plate: Pixels | None
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """`what` no longer fits (camera, belt, lanes, light or colour), what was `found`, and the `remedy`."""

    what: str
    found: str
    remedy: str


def observe(profile: Profile, frames: Sequence[Frame]) -> Seen:
    """Of consecutive frames of the running belt, with or without fruit; more than a second of them."""
    segmenter, camera = Segmenter(profile.camera.mm_per_px), profile.camera
    balls = Balls(profile.lane_of, camera.view_mm, profile.belt.speed_mm_s)
    passages: list[Passage] = []
    for frame in frames:
        passages += balls.see(frame.exposed_at_ns, segmenter.detect(frame))
    if len(frames) < _PICTURES:
        return Seen(None, tuple(passages))
    evenly = np.linspace(0, len(frames) - 1, _PICTURES).round().astype(int)
    return Seen(median_plate([frames[n].pixels for n in evenly]), tuple(passages))


def misfits(profile: Profile, plate: Pixels | None, seen: Seen) -> list[Misfit]:
    """What no longer fits; empty where all does, or nothing was ever calibrated. `plate`: the calibration's."""
    found: list[Misfit] = []
    if plate is not None and seen.plate is not None and plate.shape == seen.plate.shape:
        found += _camera(profile, moved(plate, seen.plate))
    if seen.plate is not None:
        found += _light(profile, seen.plate)
    if len(seen.passages) >= _FEWEST_PASSAGES:
        found += _running(profile, seen.passages)
    return found


def _camera(profile: Profile, by: Moved) -> Iterator[Misfit]:
    remedy = "fasten the camera, then sorter calibrate camera gates light"
    mm = profile.camera.mm_per_px
    shift_mm = hypot(by.along_px * by.along_known, by.across_px) * mm
    if shift_mm > _SHIFT_MM:
        yield Misfit("camera", f"what stands still in the picture has shifted by {shift_mm:.1f} mm", remedy)
    if abs(by.turn_deg) > _TURN_DEG:
        yield Misfit("camera", f"it has turned by {by.turn_deg:.1f} degrees", remedy)
    if abs(by.zoom - 1) > _ZOOM:
        yield Misfit("camera", f"it sees everything {by.zoom:.1%} as large as it was", remedy)


def _light(profile: Profile, plate: Pixels) -> Iterator[Misfit]:
    told, now = profile.calibration.light, belt_colour(plate)
    if told is None or now is None or min(sum(told.belt_rgb), sum(now)) <= 0:
        return
    share = max(now) / max(told.belt_rgb)
    if not _LEVEL[0] < share < _LEVEL[1]:
        yield Misfit(
            "light", f"the empty belt is {share:.0%} as bright as it was", "see to the lamps, and wipe the lens"
        )
    hue = max(abs(a / sum(now) - b / sum(told.belt_rgb)) for a, b in zip(now, told.belt_rgb, strict=True))
    if hue > _HUE:
        yield Misfit("colour", f"a channel has {hue:.0%} more or less of the belt's colour", "see to the lamps' colour")


def _running(profile: Profile, passages: Sequence[Passage]) -> Iterator[Misfit]:
    told = profile.calibration.camera
    if told is None:
        return
    askew_deg = median(passage.askew_deg for passage in passages) - told.skew_deg
    if abs(askew_deg) > _ASKEW_DEG:
        yield Misfit(
            "camera", f"what runs, runs {askew_deg:.1f} degrees askew of how it ran", "sorter calibrate camera"
        )
    speed = median(passage.speed_mm_s for passage in passages) / told.speed_mm_s
    if profile.encoder is None and abs(speed - 1) > _SPEED:
        yield Misfit(
            "belt", f"it seems to run at {speed:.1%} of its speed", "see to the drive, then sorter calibrate camera"
        )
    for n, lane in enumerate(profile.lanes):
        across = [passage.y_mm for passage in passages if passage.lane == n]
        off_mm = median(across) - (lane.from_mm + lane.to_mm) / 2 if len(across) >= _FEWEST_PASSAGES else 0.0
        if abs(off_mm) > _ACROSS_MM:
            yield Misfit("lanes", f"lane {n} runs {off_mm:.0f} mm beside its middle", "sorter calibrate gates")
