"""The camera: whether its frames come, and how they show belt and fruit. Pure: each check judges a reading."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.config import Camera
from edge.doctor.finding import Check, Finding
from edge.doctor.fit import Path

FRAMES = Check("camera", "a fruit that is in too few frames is doubtful, and runs to the belt's end")
EXPOSURE = Check(
    "exposure", "the bundle has learned fruit in even light: in another it takes one ripeness for the next"
)
FOCUS = Check("focus", "damage that is blurred is not seen")
COLOUR = Check("colour", "ripeness is a matter of colour")

_FEW, _MANY = 0.03, 0.1
"""Shares of the frames that are lost: the line stands the first, and raises an incident at the second."""

_DARK, _DIM = 20.0, 40.0
_BLOWN = 0.02
_DRIFTED, _UNFIT = (0.85, 1.18), (0.67, 1.5)
"""Of the profile's belt_level, as the running line has them."""

_SEEN_BY = {
    "picamera": "do what it says, then see rpicam-hello --list-cameras",
    "usb": "do what it says, then see v4l2-ctl --list-devices",
}
"""By the profile's kind of camera: what else can tell whether it is there."""

_FEWEST_FRUIT = 8
_SOFT, _BLURRED = 0.5, 0.3
"""Of the sharpness of the bundle's golden crops. Fruit differ by more than twofold among themselves, their medians by
less than half."""


@dataclass(frozen=True, slots=True)
class View:
    """What a camera showed in `seconds`: frames that came, that were lost, and how old they were when they were taken
    (median). `level`: the empty belt's brightness in grey levels; `blown`: the share of the picture that is white;
    `fruit`: how many looks at fruit, each with its `sharpness` in grey levels and its unknown_score (medians)."""

    frames: int
    lost: int
    seconds: float
    age_ms: float
    level: float | None
    blown: float
    fruit: int
    sharpness: float
    strange: float
    pictures: tuple[NDArray[np.uint8], ...] = ()
    """Some of the frames, uint8 RGB (h, w, 3)."""

    path: Path | None = None


@dataclass(frozen=True, slots=True)
class Learned:
    """What the bundle has learned to see: its golden crops' sharpness (median), and its limit of strangeness."""

    sharpness: float
    most_unknown: float


def missing(camera: Camera, why: str, model: str | None) -> Iterator[Finding]:
    """It cannot be opened. `model`: the board's name; a Pi's camera is missed on a Pi alone."""
    if camera.source == "picamera" and not (model or "").startswith("Raspberry Pi"):
        yield FRAMES.unchecked(f"this is no Raspberry Pi: {why}")
    else:
        yield FRAMES.fault(why, _SEEN_BY.get(camera.source.partition(":")[0], "do what it says"))


def frames(camera: Camera, seen: View) -> Iterator[Finding]:
    asked = camera.frames_hz * seen.seconds
    share = seen.lost / max(1, seen.lost + seen.frames)
    told = (
        f"{seen.frames} frames in {seen.seconds:.1f} s, {seen.lost} lost, {seen.age_ms:.0f} ms old when taken; "
        f"{camera.width_px}x{camera.height_px} px at {camera.frames_hz:g}/s are wanted"
    )
    if not seen.frames:
        yield FRAMES.fault("it opens, and gives no frame", "check its cable at both ends, and its power")
    elif share > _MANY or seen.frames < asked * 0.5:
        yield FRAMES.fault(told, "set fewer frames_hz or a smaller picture, and end what else runs here")
    elif share > _FEW or seen.frames < asked * 0.9:
        yield FRAMES.attention(told, "end what else runs here, or set fewer frames_hz")
    else:
        yield FRAMES.good(told)


def exposure(camera: Camera, seen: View) -> Iterator[Finding]:
    if seen.level is None:
        yield EXPOSURE.unchecked("no empty belt was seen")
        return
    told = f"the empty belt is at {seen.level:.0f} of 255, {seen.blown:.1%} of the picture is white"
    share = seen.level / camera.belt_level if camera.belt_level else 1.0
    if camera.belt_level:
        told += f", {share:.0%} of the profile's belt_level"
    remedy = "see to the lamps, and wipe lens and belt; else correct exposure_us and gain in the profile"
    if seen.level < _DARK or not _UNFIT[0] < share < _UNFIT[1]:
        yield EXPOSURE.fault(told, remedy)
    elif seen.level < _DIM or seen.blown > _BLOWN or not _DRIFTED[0] < share < _DRIFTED[1]:
        yield EXPOSURE.attention(told, remedy)
    else:
        yield EXPOSURE.good(told)


def focus(seen: View, learned: Learned) -> Iterator[Finding]:
    if seen.fruit < _FEWEST_FRUIT:
        yield FOCUS.unchecked(_too_few(seen), "let fruit run under the camera, and ask again")
        return
    share = seen.sharpness / learned.sharpness if learned.sharpness else 1.0
    told = (
        f"fruit are {seen.sharpness:.1f} sharp, {share:.0%} of those that the bundle has learned, in {seen.fruit} looks"
    )
    remedy = "wipe the lens, focus it on the height of a fruit's middle, and set a shorter exposure_us with more light"
    if share < _BLURRED:
        yield FOCUS.fault(told, remedy)
    elif share < _SOFT:
        yield FOCUS.attention(told, remedy)
    else:
        yield FOCUS.good(told)


def colour(seen: View, learned: Learned) -> Iterator[Finding]:
    if seen.fruit < _FEWEST_FRUIT:
        yield COLOUR.unchecked(_too_few(seen), "let fruit run under the camera, and ask again")
        return
    told = (
        f"fruit look {seen.strange:.2f} strange to the bundle (median of {seen.fruit} looks), which calls unknown what "
        f"is above {learned.most_unknown:.2f}"
    )
    remedy = "see to the lamps' colour and to white_balance; other varieties than it has learned look strange too"
    if seen.strange > learned.most_unknown:
        yield COLOUR.fault(told, remedy)
    elif seen.strange > learned.most_unknown / 2:
        yield COLOUR.attention(told, remedy)
    else:
        yield COLOUR.good(told)


def _too_few(seen: View) -> str:
    return f"{seen.fruit} looks at fruit in {seen.seconds:.1f} s; {_FEWEST_FRUIT} are needed"
