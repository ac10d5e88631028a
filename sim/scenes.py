"""Top-down stills of several fruit, apart or touching, with the truth: what `sorter grade --scene` is measured on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.errors import UsageFault
from sim.backdrops import BACKDROPS, draw_backdrop
from sim.fruit import Skin, load_builtin
from sim.sprites import Painter

Pixels = NDArray[np.uint8]

SIZE_PX = (960, 720)
_LENGTH_PX = (84, 120)
_NOISE = 2.0
_TRIES = 400
_GAP = 0.12  # of a length, at least, between fruit that stand apart
_MARGIN_PX = 40


@dataclass(frozen=True, slots=True)
class SceneFruit:
    """One fruit of a scene. `box_px` is (x, y, width, height) of its outline; `damage_shown`: its damage faces the
    camera."""

    skin_id: str
    label: str
    damage_shown: bool
    box_px: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class _Lying:
    skin: Skin
    view: int
    length_px: float
    turn_rad: float
    outline: Pixels  # 0 or 255, a square of odd side around its middle


def render_scene(
    seed: int, n: int, touching: bool, background: str, skins: Sequence[Skin] | None = None
) -> tuple[Pixels, list[SceneFruit]]:
    """A picture, uint8 RGB (720, 960, 3), with `n` fruit drawn from `skins` (the atlas's held part if left out).

    `touching`: every fruit but the first touches one laid before it; else all stand apart. Raises UsageFault for a
    background that is not in `BACKDROPS`, or where so many fruit find no room.
    """
    if background not in BACKDROPS:
        raise UsageFault(f"background {background!r}: must be one of {', '.join(BACKDROPS)}")
    rng = np.random.default_rng([seed, touching, sorted(BACKDROPS).index(background)])
    skins = load_builtin("held") if skins is None else skins
    picture = draw_backdrop(background, rng, SIZE_PX)
    taken = np.zeros(picture.shape[:2], np.uint8)
    laid: list[tuple[tuple[int, int], float]] = []
    truth: list[SceneFruit] = []
    painter, light = Painter(), float(rng.uniform(0.8, 1.1))
    for _ in range(n):
        fruit = _draw(rng, skins)
        place = _beside(rng, taken, fruit, laid) if touching and laid else _apart(rng, taken, fruit)
        if place is None:
            raise UsageFault(f"{n} fruit: no room in {SIZE_PX[0]}x{SIZE_PX[1]} px; ask for fewer")
        laid.append((place, fruit.length_px))
        _window(taken, place, fruit.outline)[...] |= fruit.outline
        middle, size = (place[0] + 0.5, place[1] + 0.5), (fruit.length_px, fruit.length_px)
        painter.paint(
            picture, fruit.skin, fruit.view, middle_px=middle, size_px=size, turn_rad=fruit.turn_rad, gain=light
        )
        truth.append(_truth(fruit, place))
    noise = np.float32(_NOISE) * rng.standard_normal(picture.shape, dtype=np.float32)
    return np.clip(np.round(picture + noise), 0, 255).astype(np.uint8), truth


def _draw(rng: np.random.Generator, skins: Sequence[Skin]) -> _Lying:
    skin = skins[int(rng.integers(len(skins)))]
    view, length, turn = int(rng.integers(skin.views)), float(rng.uniform(*_LENGTH_PX)), float(rng.uniform(0, 6.28))
    alpha = skin.view(view)[..., 3]
    side = 2 * int(length * 0.75) + 1
    move = cv2.getRotationMatrix2D(((alpha.shape[1] - 1) / 2,) * 2, -np.degrees(turn), length / alpha.shape[0])
    move[:, 2] += (side - alpha.shape[0]) / 2
    outline = cv2.threshold(cv2.warpAffine(alpha, move, (side, side)), 127, 255, cv2.THRESH_BINARY)[1]
    return _Lying(skin, view, length, turn, np.asarray(outline, np.uint8))


def _window(taken: Pixels, place: tuple[int, int], outline: Pixels) -> Pixels:
    half = outline.shape[0] // 2
    return taken[place[1] - half : place[1] + half + 1, place[0] - half : place[0] + half + 1]


def _is_free(taken: Pixels, place: tuple[int, int], outline: Pixels) -> bool:
    return bool(np.all(cv2.bitwise_and(_window(taken, place, outline), outline) == 0))


def _is_inside(place: tuple[int, int], outline: Pixels) -> bool:
    room: float = outline.shape[0] // 2 + _MARGIN_PX / 2
    return room < place[0] < SIZE_PX[0] - room and room < place[1] < SIZE_PX[1] - room


def _apart(rng: np.random.Generator, taken: Pixels, fruit: _Lying) -> tuple[int, int] | None:
    room = fruit.outline.shape[0] // 2 + _MARGIN_PX
    gap = 2 * int(_GAP * fruit.length_px) + 1
    wide = np.asarray(cv2.dilate(fruit.outline, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (gap, gap))), np.uint8)
    for _ in range(_TRIES):
        place = (int(rng.integers(room, SIZE_PX[0] - room)), int(rng.integers(room, SIZE_PX[1] - room)))
        if _is_free(taken, place, wide):
            return place
    return None


def _beside(
    rng: np.random.Generator, taken: Pixels, fruit: _Lying, laid: list[tuple[tuple[int, int], float]]
) -> tuple[int, int] | None:
    """Rolled towards a fruit that lies there until the two meet; it may meet others as well."""
    for _ in range(_TRIES):
        (x, y), length = laid[rng.integers(len(laid))]
        turn = rng.uniform(0, 2 * np.pi)
        last: tuple[int, int] | None = None
        for away in np.arange(0.62 * (length + fruit.length_px), 0, -1):
            place = (round(x + away * np.cos(turn)), round(y + away * np.sin(turn)))
            if not _is_inside(place, fruit.outline):
                break
            if not _is_free(taken, place, fruit.outline):
                if last is not None:
                    return last
                break
            last = place
    return None


def _truth(fruit: _Lying, place: tuple[int, int]) -> SceneFruit:
    x, y, width, height = cv2.boundingRect(fruit.outline)
    half = fruit.outline.shape[0] // 2
    box = (place[0] - half + x, place[1] - half + y, width, height)
    return SceneFruit(fruit.skin.skin_id, fruit.skin.label, fruit.skin.damage_shown(fruit.view), box)
