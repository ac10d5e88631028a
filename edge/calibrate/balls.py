"""Balls on their way through the picture: each followed by its own speed, and when it will stand where.

A ball that rolls a little keeps its share of the belt's travel, so its own way through the picture says when it is at a
gate, on a belt of any steady speed and without an encoder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import atan2, degrees, sqrt

from edge.belt import NS
from edge.calibrate.measured import slope
from edge.datapath import Detection

_NEAR_MM = 25.0
"""How far from where it is expected a ball may be seen."""

_FORGOTTEN_NS = 200_000_000
_FEWEST = 6
_WORST_MM = 1.0
"""A ball whose places lie further (rms) from a straight line has bumped into something, or the belt changed speed."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A ball's way: it stood at `x_mm` at `at_ns`, and goes on at `speed_mm_s`. `at_sd_mm`, `speed_sd_mm_s`: how surely
    that is known. `y_mm` across the belt; `askew_deg`: by how much it runs towards higher rows of the picture."""

    lane: int
    at_ns: int
    x_mm: float
    y_mm: float
    speed_mm_s: float
    at_sd_mm: float
    speed_sd_mm_s: float
    askew_deg: float

    def passes_ns(self, x_mm: float) -> int:
        """When its middle stands at a place."""
        return self.at_ns + round((x_mm - self.x_mm) / self.speed_mm_s * NS)

    def sd_ms(self, x_mm: float) -> float:
        """How surely that is known."""
        ahead_s = (x_mm - self.x_mm) / self.speed_mm_s
        return sqrt(self.at_sd_mm**2 + (self.speed_sd_mm_s * ahead_s) ** 2) / self.speed_mm_s * 1000


@dataclass(slots=True)
class _Ball:
    lane: int
    length_mm: float
    at_ns: list[int] = field(default_factory=list)
    x_mm: list[float] = field(default_factory=list)
    y_mm: list[float] = field(default_factory=list)

    def expected_mm(self, at_ns: int, usual_mm_s: float) -> float:
        """Where it should be by then; one that was seen once goes as those before it went."""
        first, last = self.at_ns[0], self.at_ns[-1]
        speed = (self.x_mm[-1] - self.x_mm[0]) / (last - first) * NS if last > first else usual_mm_s
        return self.x_mm[-1] + speed * (at_ns - last) / NS


class Balls:
    """Detections in, passages out as balls leave the picture. `lane_of`: a place across the belt to its lane."""

    def __init__(self, lane_of: Callable[[float], int | None], view_mm: float, speed_mm_s: float) -> None:
        self._lane_of = lane_of
        self._view_mm = view_mm
        self._speed_mm_s = speed_mm_s
        self._balls: list[_Ball] = []
        self._last_ns: int | None = None

    def see(self, at_ns: int, detections: Sequence[Detection]) -> list[Passage]:
        """One frame's; those that will not be seen whole again."""
        period_ns = at_ns - self._last_ns if self._last_ns is not None else 0
        self._last_ns = at_ns
        for detection in detections:
            if not detection.touches_edge and not detection.merged:
                self._sight(at_ns, detection)
        self._balls = [ball for ball in self._balls if at_ns - ball.at_ns[-1] <= _FORGOTTEN_NS]
        left = list(self._leaving(at_ns + period_ns))
        return [passage for passage in map(_passage, left) if passage is not None]

    def _sight(self, at_ns: int, detection: Detection) -> None:
        x_mm, y_mm, length_mm = detection.x_mm, detection.y_mm, detection.length_mm
        if x_mm is None or y_mm is None or length_mm is None or (lane := self._lane_of(y_mm)) is None:
            return
        waiting = [ball for ball in self._balls if ball.lane == lane and ball.at_ns[-1] < at_ns]
        near = min(waiting, key=lambda ball: abs(ball.expected_mm(at_ns, self._speed_mm_s) - x_mm), default=None)
        if near is None or abs(near.expected_mm(at_ns, self._speed_mm_s) - x_mm) > _NEAR_MM:
            near = _Ball(lane, length_mm)
            self._balls.append(near)
        near.at_ns.append(at_ns)
        near.x_mm.append(x_mm)
        near.y_mm.append(y_mm)

    def _leaving(self, next_ns: int) -> Iterator[_Ball]:
        stay: list[_Ball] = []
        for ball in self._balls:
            if ball.expected_mm(next_ns, self._speed_mm_s) + ball.length_mm / 2 < self._view_mm:
                stay.append(ball)
            elif len(ball.at_ns) >= _FEWEST:
                yield ball
        self._balls = stay


def _passage(ball: _Ball) -> Passage | None:
    n = len(ball.at_ns)
    first_ns = ball.at_ns[0]
    at_s = [(at_ns - first_ns) / NS for at_ns in ball.at_ns]
    x_mm, speed_mm_s, rms_mm = slope(at_s, ball.x_mm)
    if rms_mm > _WORST_MM or speed_mm_s <= 0:
        return None
    mean_s = sum(at_s) / n
    spread_s = sqrt(sum((s - mean_s) ** 2 for s in at_s))
    middle_ns = first_ns + round(mean_s * NS)
    y_mm, across_mm_s, _ = slope(at_s, ball.y_mm)
    askew_deg = degrees(atan2(across_mm_s, speed_mm_s))
    return Passage(ball.lane, middle_ns, x_mm, y_mm, speed_mm_s, rms_mm / sqrt(n), rms_mm / spread_s, askew_deg)
