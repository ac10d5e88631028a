"""What one fruit shows of the machine that judged it, in a handful of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from edge.datapath import LABELS, UNKNOWN, Look, Scene, Track, Verdict

GRADES = (*LABELS, UNKNOWN)
"""What a fruit was called: everything is held to fruit that were called the same, so that a season's mix moves
nothing."""

_RIPENESS = len(LABELS) - 1
_LEAST = 1e-3
_SMOOTH = 0.1
"""The newest measurement's part in what the empty belt is taken for."""


@dataclass(frozen=True, slots=True)
class Observed:
    """`grade` is an index into GRADES. `strange`, `doubt` and `torn` are 0 to 1: the unknown score, what full
    confidence lacks, and the looks that call it by another ripeness than most do. `detail`: the logarithm of its
    sharpness for the light. `colour` float64 (3,): logarithms of its RGB over the belt's. `belt`: logarithms of the
    empty belt's brightness, and of its red and its blue over its green. `features` float32 (F,): their mean over the
    looks. None: it is not measured."""

    grade: int
    strange: float
    doubt: float
    torn: float
    detail: float
    length_mm: float
    colour: NDArray[np.float64] | None
    belt: tuple[float, float, float] | None
    features: NDArray[np.float32] | None


class Belt:
    """The empty belt, smoothed."""

    def __init__(self) -> None:
        self.rgb: tuple[float, ...] | None = None
        self.level: float | None = None

    def see(self, scene: Scene) -> None:
        if scene.rgb is None:
            return
        level, rgb = max(_LEAST, scene.level), tuple(max(_LEAST, one) for one in scene.rgb)
        if self.level is None or self.rgb is None:
            self.level, self.rgb = level, rgb
            return
        self.level += _SMOOTH * (level - self.level)
        self.rgb = tuple(old + _SMOOTH * (new - old) for old, new in zip(self.rgb, rgb, strict=True))

    def figures(self) -> tuple[float, float, float] | None:
        """As `Observed.belt`."""
        if self.level is None or self.rgb is None:
            return None
        red, green, blue = self.rgb
        return log(self.level), log(red / green), log(blue / green)


def observe(track: Track, verdict: Verdict, belt: Belt) -> Observed | None:
    """None for a fruit that was not looked at."""
    looks = track.looks
    if not looks:
        return None
    called = [max(range(_RIPENESS), key=look.scores.__getitem__) for look in looks]
    sharpness = sum(look.sharpness for look in looks) / len(looks)
    return Observed(
        grade=GRADES.index(verdict.label),
        strange=verdict.unknown_score,
        doubt=1 - verdict.confidence,
        torn=1 - max(map(called.count, set(called))) / len(looks),
        detail=log(max(_LEAST, sharpness) / (belt.level or 1.0)),
        length_mm=track.length_mm,
        colour=_colour(looks, belt),
        belt=belt.figures(),
        features=_features(looks),
    )


def _colour(looks: tuple[Look, ...], belt: Belt) -> NDArray[np.float64] | None:
    seen = [look.colour for look in looks if look.colour is not None]
    if not seen:
        return None
    over = belt.rgb or (1.0, 1.0, 1.0)
    return np.array([log(max(_LEAST, sum(one) / len(seen)) / by) for one, by in zip(zip(*seen), over)])  # noqa: B905


def _features(looks: tuple[Look, ...]) -> NDArray[np.float32] | None:
    seen = [look.features for look in looks if look.features is not None]
    return np.mean(seen, axis=0, dtype=np.float32) if seen else None
