"""Curves of what light, lens, sensor, background and size do to a bundle: fruit put on a sheet of paper, spoilt by so
much, then found and graded by the device as any still is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.datapath import LABELS
from edge.detect.still import one_fruit
from edge.grade.fusion import Judge
from edge.grade.litert import LiteRTGrader
from edge.grade.verdict import DAMAGED
from training.dataset import Picture, by_fruit
from training.evaluation import statistics
from training.evaluation.looks import Graded, passage
from training.evaluation.statistics import figure
from training.figures import decided_by

Pixels = NDArray[np.uint8]

EACH = 12
"""Looks of each source and grade, over as many fruit as there are."""

_LENGTH_PX = 96
_GRAIN = 2.0
"""Grey levels of noise that every sheet has."""
_PAPER = (225, 225, 222)
_BACKGROUNDS = {
    "white": (250, 250, 250),
    "paper": _PAPER,
    "grey": (128, 128, 128),
    "black": (8, 8, 8),
    "belt": (28, 58, 110),
    "wood": (150, 110, 70),
}


@dataclass(frozen=True, slots=True)
class Spoiling:
    """One curve: what a `strength` does, for each of `strengths`; `plain` is the one that changes nothing."""

    says: str
    unit: str
    strengths: tuple[float | str, ...]
    plain: float | str
    spoil: Callable[[Pixels, Any, np.random.Generator], Pixels] | None = None


def _light(pixels: Pixels, gain: float, _: np.random.Generator) -> Pixels:
    return np.asarray(np.clip(pixels * gain, 0, 255), np.uint8)


def _cast(pixels: Pixels, warmth: float, _: np.random.Generator) -> Pixels:
    return np.asarray(np.clip(pixels * np.array([1 + warmth, 1.0, 1 - warmth]), 0, 255), np.uint8)


def _blurred(pixels: Pixels, sigma: float, _: np.random.Generator) -> Pixels:
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), sigma), np.uint8) if sigma else pixels


def _noisy(pixels: Pixels, sigma: float, rng: np.random.Generator) -> Pixels:
    return np.asarray(np.clip(pixels + rng.normal(0, sigma, pixels.shape), 0, 255), np.uint8) if sigma else pixels


def _packed(pixels: Pixels, quality: float, _: np.random.Generator) -> Pixels:
    data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, int(quality)])[1]
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR_RGB), np.uint8)


SPOILINGS: Mapping[str, Spoiling] = {
    "light": Spoiling("exposure", "times the light", (0.25, 0.4, 0.6, 0.8, 1.0, 1.25, 1.6), 1.0, _light),
    "white-balance": Spoiling(
        "white balance", "red up, blue down by this share", (-0.3, -0.2, -0.1, 0.0, 0.1, 0.2, 0.3), 0.0, _cast
    ),
    "blur": Spoiling("blur", f"sigma in px of a fruit of {_LENGTH_PX} px", (0.0, 0.7, 1.4, 2.5, 4.0), 0.0, _blurred),
    "noise": Spoiling("noise", "sigma in grey levels", (0.0, 5.0, 10.0, 20.0, 35.0), 0.0, _noisy),
    "jpeg": Spoiling("JPEG", "quality", (95.0, 75.0, 50.0, 30.0, 15.0, 8.0), 95.0, _packed),
    "scale": Spoiling("size", "length of the fruit in px", (20.0, 32.0, 48.0, 96.0, 180.0, 320.0), 96.0),
    "background": Spoiling("background", "", tuple(_BACKGROUNDS), "paper"),
}


def settings() -> int:
    """How many points all curves have together."""
    return sum(len(one.strengths) for one in SPOILINGS.values())


def robustness(
    grader: LiteRTGrader, pictures: Sequence[Picture], judge: Judge, done: Callable[[], None]
) -> dict[str, Any]:
    """Curve to `says`, `unit`, `plain` and `points`: `strength`, `right`, `called_damaged` (sound fruit), one look."""
    chosen = _sample(pictures)
    curves = {}
    for name, spoiling in SPOILINGS.items():
        points = []
        for strength in spoiling.strengths:
            points.append({"strength": strength, **_point(grader, chosen, judge, name, strength)})
            done()
        curves[name] = {"says": spoiling.says, "unit": spoiling.unit, "plain": spoiling.plain, "points": points}
    return curves


def _point(
    grader: LiteRTGrader, pictures: Sequence[Picture], judge: Judge, name: str, strength: float | str
) -> dict[str, Any]:
    decided = []
    for number, picture in enumerate(pictures):
        found = one_fruit(_scene(picture, name, strength, np.random.default_rng([number])))
        [(grades, sharpness)] = grader.grade([found])
        decided.append(decided_by(passage([Graded(picture, grades, sharpness)]), judge))
    keys = [picture.fruit_key for picture in pictures]
    sound = [picture.grade != LABELS[DAMAGED] for picture in pictures]
    right = [picture.grade == label for picture, label in zip(pictures, decided, strict=True)]
    alarms = [label == LABELS[DAMAGED] for label, is_sound in zip(decided, sound, strict=True) if is_sound]
    sound_keys = [key for key, is_sound in zip(keys, sound, strict=True) if is_sound]
    return {
        "right": figure(keys, statistics.share(right)),
        "called_damaged": figure(sound_keys, statistics.share(alarms)),
    }


def _sample(pictures: Sequence[Picture]) -> list[Picture]:
    """Up to EACH views of each source and grade, the fruit taking turns; of damaged fruit such as show it."""
    groups: dict[tuple[str, str], list[Picture]] = {}
    for picture in pictures:
        if picture.grade in LABELS and (picture.grade != LABELS[DAMAGED] or picture.damage == 1):
            groups.setdefault((picture.source, picture.grade), []).append(picture)
    chosen: list[Picture] = []
    for own in (groups[key] for key in sorted(groups)):
        fruit = list(by_fruit(own).values())
        taken = [views[turn] for turn in range(max(map(len, fruit))) for views in fruit if turn < len(views)]
        chosen += taken[:EACH]
    return chosen


def _scene(picture: Picture, name: str, strength: float | str, rng: np.random.Generator) -> Pixels:
    """The fruit on its background, a margin around it, spoilt."""
    length = float(strength) if name == "scale" else _LENGTH_PX
    height, width = picture.mask.shape
    scale = length / max(height, width)
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    fruit = cv2.resize(picture.pixels, size, interpolation=how)
    alpha = cv2.resize(picture.mask, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    side = round(1.8 * length)
    colour = _BACKGROUNDS[str(strength)] if name == "background" else _PAPER
    grain = rng.standard_normal((side, side, 1), np.float32) * _GRAIN
    sheet = np.asarray(np.clip(np.array(colour, np.float32) + grain, 0, 255), np.uint8)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    inside = sheet[top : top + size[1], left : left + size[0]]
    share = np.multiply(alpha, 1 / 255, dtype=np.float32)
    inside[:] = cv2.blendLinear(fruit, inside.copy(), share, 1 - share)
    spoil = SPOILINGS[name].spoil
    return spoil(sheet, strength, rng) if spoil else sheet
