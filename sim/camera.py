"""The camera over the belt, as it truly is: what it sees of the fruit that pass, picture by picture.

Not the device's belief: true scale, skew, light and noise come from the world (`CameraTruth`), and what the profile
says of them is what a calibration would have found.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.config import Camera
from sim.fruit import Skin
from sim.sprites import Painter

Pixels = NDArray[np.uint8]
_Real = TypeVar("_Real", float, NDArray[np.float64])

_BELT_RGB = (44, 76, 128)  # matt blue
_RAIL_RGB = (34, 35, 37)
_MARK_RGB = (205, 205, 200)
_PERIOD_PX = 2048  # after this much belt its dirt comes again
_DETAIL = 12  # the belt's detail is stored above this, so that it can darken as well


@dataclass(frozen=True, slots=True)
class Knock:
    """How far the whole picture has moved since the camera was last calibrated, turned about its middle, and grown."""

    along_px: float = 0.0
    across_px: float = 0.0
    turn_deg: float = 0.0
    zoom: float = 1.0


@dataclass(frozen=True, slots=True)
class CameraTruth:
    """The true camera. `skew_rad` turns the picture about its middle; `light` 1 is as bright as the fruit were
    painted; `falloff` is the light that is missing in the corners; `noise` is the sensor's, a standard deviation in
    grey levels; `speed_mm_s` is the belt's, for the blur of an exposure; `rail_mm` of dark frame stand on either side
    of the belt; `marked`: two light marks are stuck onto it. `knock`: what has befallen the camera since."""

    mm_per_px: float
    skew_rad: float = 0.0
    light: float = 1.0
    falloff: float = 0.12
    noise: float = 2.0
    speed_mm_s: float = 600.0
    rail_mm: float = 16.0
    marked: bool = False
    knock: Knock | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """One fruit on the belt at the instant of an exposure. `x_mm, y_mm`: its middle in the world's frame (x with the
    belt from the upstream edge, y from the first row, of the picture as the profile has it). `length_mm` and `width_mm`
    are the sides of its view's square, along and across the way it rolls; `yaw_rad` turns both, from x towards y."""

    skin: Skin
    view: int
    x_mm: float
    y_mm: float
    length_mm: float
    width_mm: float
    yaw_rad: float = 0.0


class BeltCamera:
    """Renders frames. Same seed and same calls, same pixels. Not for use by several threads at once."""

    def __init__(self, settings: Camera, truth: CameraTruth, seed: int) -> None:
        self._size = (settings.width_px, settings.height_px)
        self._truth = truth
        self._rng = np.random.default_rng([seed, 0xCA])
        self._middle_mm = (self._size[0] * settings.mm_per_px / 2, self._size[1] * settings.mm_per_px / 2)
        self._painter = Painter(truth.speed_mm_s * settings.exposure_us * 1e-6 / truth.mm_per_px)
        self._turn = (math.cos(truth.skew_rad), math.sin(truth.skew_rad))
        self._rail_px = max(0, round(truth.rail_mm / truth.mm_per_px))
        self._still = self._without_fruit()
        self._detail = _belt_detail(self._rng, self._size[0] + _PERIOD_PX, self._size[1] - 2 * self._rail_px)
        self._brighter, self._darker = _noise(self._rng, self._size, truth.noise)

    def render(self, placed: Sequence[Placed], belt_mm: float) -> Pixels:
        """One exposure, uint8 RGB (height, width, 3), a new array. `belt_mm` is the belt's true travel."""
        frame = np.empty_like(self._still)
        rail, last = self._rail_px, self._size[1] - self._rail_px
        frame[:rail], frame[last:] = self._still[:rail], self._still[last:]
        start = round(-belt_mm / self._truth.mm_per_px) % _PERIOD_PX
        cv2.add(self._still[rail:last], self._detail[:, start : start + self._size[0]], dst=frame[rail:last])
        for fruit in placed:
            self._place(frame, fruit)
        if self._truth.knock is not None:
            frame = _knocked(frame, self._truth.knock)
        y, x = self._rng.integers(0, 64, 2)
        window = np.s_[y : y + self._size[1], x : x + self._size[0]]
        cv2.add(frame, self._brighter[window], dst=frame)
        cv2.subtract(frame, self._darker[window], dst=frame)
        return frame

    def _place(self, frame: Pixels, fruit: Placed) -> None:
        cos, sin = self._turn
        along_mm, across_mm = fruit.x_mm - self._middle_mm[0], fruit.y_mm - self._middle_mm[1]
        scale = self._truth.mm_per_px
        x = self._size[0] / 2 + (cos * along_mm - sin * across_mm) / scale
        y = self._size[1] / 2 + (sin * along_mm + cos * across_mm) / scale
        self._painter.paint(
            frame,
            fruit.skin,
            fruit.view,
            middle_px=(x, y),
            size_px=(fruit.length_mm / scale, fruit.width_mm / scale),
            turn_rad=fruit.yaw_rad + self._truth.skew_rad,
            gain=self._truth.light * (1 - self._truth.falloff * self._away(x, y)),
        )

    def _away(self, x: _Real, y: _Real) -> _Real:
        """How far from the picture's middle, squared: 1 in the corners. Light falls off with it."""
        width, height = self._size
        return ((x - width / 2) ** 2 + (y - height / 2) ** 2) / ((width / 2) ** 2 + (height / 2) ** 2)

    def _without_fruit(self) -> Pixels:
        """The belt's plain colour between its dark rails, less the level above which its detail is stored."""
        width, height = self._size
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        light = self._truth.light * (1 - self._truth.falloff * self._away(x, y)[..., None])
        is_rail = (y < self._rail_px) | (y >= height - self._rail_px)
        picture = np.where(is_rail[..., None], np.array(_RAIL_RGB) * light, np.array(_BELT_RGB) * light - _DETAIL)
        still = np.asarray(np.clip(np.round(picture), 0, 255), np.uint8)
        for middle in ((width // 6, self._rail_px // 2), (width * 5 // 6, height - self._rail_px // 2)):
            if self._truth.marked:
                cv2.circle(still, middle, max(2, self._rail_px // 4), _MARK_RGB, -1, cv2.LINE_AA)
        return still


def _knocked(frame: Pixels, knock: Knock) -> Pixels:
    height, width = frame.shape[:2]
    matrix = cv2.getRotationMatrix2D(((width - 1) / 2, (height - 1) / 2), -knock.turn_deg, knock.zoom)
    matrix[0, 2] += knock.along_px
    matrix[1, 2] += knock.across_px
    return np.asarray(cv2.warpAffine(frame, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8)


def _belt_detail(rng: np.random.Generator, width: int, height: int) -> Pixels:
    """Weave, wear and a little dirt, uint8 RGB around `_DETAIL`, the same again after `_PERIOD_PX` columns."""
    columns = np.arange(_PERIOD_PX)
    weave = 0.7 * np.sin(columns * 2 * np.pi / 4)[None] + 0.7 * np.sin(np.arange(height) * 2 * np.pi / 5)[:, None]
    wear = cv2.GaussianBlur(rng.standard_normal((height, _PERIOD_PX)).astype(np.float32), (0, 0), 1.2) * 3.0
    streaks = cv2.GaussianBlur(rng.standard_normal((height, 1)).astype(np.float32), (0, 0), 3) * 1.5
    detail = (_DETAIL + weave + wear + streaks).astype(np.float32)
    for _ in range(60):
        spot = (int(rng.integers(_PERIOD_PX)), int(rng.integers(height)))
        cv2.circle(detail, spot, int(rng.integers(1, 4)), float(_DETAIL + rng.uniform(-10, 10)), -1, cv2.LINE_AA)
    grey = np.clip(np.round(detail), 0, 255).astype(np.uint8)
    looped = np.hstack([grey] * (width // _PERIOD_PX + 1))[:, :width]
    return np.asarray(cv2.cvtColor(looped, cv2.COLOR_GRAY2RGB), np.uint8)


def _noise(rng: np.random.Generator, size: tuple[int, int], deviation: float) -> tuple[Pixels, Pixels]:
    """What the sensor adds and what it takes away, with room to start anywhere."""
    drawn = np.round(rng.standard_normal((size[1] + 64, size[0] + 64, 3), dtype=np.float32) * deviation)
    return np.clip(drawn, 0, 255).astype(np.uint8), np.clip(-drawn, 0, 255).astype(np.uint8)
