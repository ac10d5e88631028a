"""Photographs of fruit lying on a table, rendered: layout, shadows, light, a hand-held camera's faults, and the truth.

Fruit are spheres to each other: where two touch, the larger hides a little of the smaller.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from sim.fruit import Skin
from tests.evidence.grounds import Floats, Ground, cloud

Pixels = NDArray[np.uint8]
Layout = Literal["apart", "touching"]

_COARSE = 0.25
"""Shadows are drawn at this scale: their edges are soft."""


@dataclass(frozen=True, slots=True)
class Lying:
    """One fruit of a picture: `outline` is its polygon in the picture's pixels, float32 (n, 2)."""

    skin: Skin
    view: int
    outline: NDArray[np.float32]

    @property
    def box_px(self) -> tuple[float, float, float, float]:
        (left, top), (right, bottom) = self.outline.min(axis=0), self.outline.max(axis=0)
        return (float(left), float(top), float(right - left), float(bottom - top))


@dataclass(slots=True)
class _Cut:
    """A fruit before it is laid down: its picture tight and turned, and where its middle comes to lie."""

    skin: Skin
    view: int
    rgba: Floats
    mask: NDArray[np.bool_]
    radius: float
    x: float = 0.0
    y: float = 0.0


def photograph(
    rng: np.random.Generator,
    skins: Sequence[Skin],
    ground: Ground,
    count: int,
    layout: Layout,
    *,
    size_px: int,
    share: float | None = None,
) -> tuple[Pixels, list[Lying]]:
    """A picture, uint8 RGB, `size_px` on its longer side, with up to `count` fruit (fewer where there is no room).
    `share`: of the picture that each fruit takes, about; drawn if left out."""
    worked = min(size_px, 1100)
    width, height = worked, round(worked * rng.uniform(0.66, 1.0))
    scene = ground(rng, width, height)[:height, :width]
    if share is None:
        share = float(np.exp(rng.uniform(np.log(0.012), np.log(min(0.12, 0.35 / count)))))
    across = 2 * np.sqrt(share * width * height / np.pi)
    spread = rng.uniform(0.05, 0.35)
    cuts = [_cut(rng, skins, across * np.exp(rng.uniform(-spread, spread))) for _ in range(count)]
    placed = _lay_out(rng, cuts, layout, width, height)
    scene = _painted(rng, scene, placed)
    scene, outlines = _seen(rng, scene, placed)
    picture = _exposed(rng, scene, size_px)
    scale = picture.shape[1] / width
    return picture, [Lying(c.skin, c.view, o * np.float32(scale)) for c, o in zip(placed, outlines, strict=True)]


def _cut(rng: np.random.Generator, skins: Sequence[Skin], across: float) -> _Cut:
    skin = skins[int(rng.integers(len(skins)))]
    view = int(rng.integers(skin.views))
    rgba = skin.view(view).astype(np.float32) / 255
    rgba[..., :3] *= rgba[..., 3:]
    size = rgba.shape[0]
    scale = across / (2 * np.sqrt((rgba[..., 3] > 0.5).sum() / np.pi))
    side = int(1.5 * size * scale) + 4
    move = cv2.getRotationMatrix2D((size / 2 - 0.5, size / 2 - 0.5), rng.uniform(0, 360), scale)
    move[:, 2] += side / 2 - size / 2
    if scale < 0.7:
        rgba = cv2.GaussianBlur(rgba, (0, 0), 0.4 / scale)
    turned = cv2.warpAffine(rgba, move, (side, side), flags=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_LINEAR)
    mask = turned[..., 3] > 0.5
    return _Cut(skin, view, np.clip(turned, 0, 1), mask, float(np.sqrt(mask.sum() / np.pi)))


def _lay_out(rng: np.random.Generator, cuts: list[_Cut], layout: Layout, width: int, height: int) -> list[_Cut]:
    """Apart: a gap of at least a tenth of a fruit. Touching: in pairs, chains and heaps of up to all of them."""
    placed: list[_Cut] = []
    taken = np.zeros((height, width), np.uint8)
    while cuts:
        group = int(rng.integers(2, 5)) if layout == "touching" else 1
        batch, cuts = cuts[:group], cuts[group:]
        if layout == "touching" and len(cuts) == 1:
            batch, cuts = batch + cuts, []
        for _ in range(120):
            if _group(rng, batch, width, height, taken):
                placed += batch
                for one in batch:
                    reach = 2 * int(0.12 * one.radius) + 3
                    _stamp(taken, one, cv2.dilate(one.mask.astype(np.uint8), np.ones((reach, reach), np.uint8)))
                break
    return placed


def _group(rng: np.random.Generator, batch: list[_Cut], width: int, height: int, taken: Pixels) -> bool:
    """Lay a batch down, each but the first against one before it; False where it finds no room."""
    laid: list[_Cut] = []
    own = np.zeros_like(taken)
    for one in batch:
        one.x, one.y = rng.uniform(0, width), rng.uniform(0, height)
        if laid and not _rolled(rng, one, laid[-1] if rng.random() < 0.7 else laid[int(rng.integers(len(laid)))], own):
            return False
        reach = 1.15 * max(np.ptp(np.nonzero(one.mask)[0]), np.ptp(np.nonzero(one.mask)[1])) / 2
        if not (reach < one.x < width - reach and reach < one.y < height - reach) or _hits(taken, one):
            return False
        _stamp(own, one, one.mask.astype(np.uint8))
        laid.append(one)
    return True


def _rolled(rng: np.random.Generator, one: _Cut, other: _Cut, own: Pixels) -> bool:
    """Move `one` towards `other` until their outlines overlap as two spheres do that touch, seen from above."""
    turn = rng.uniform(0, 2 * np.pi)
    hidden = (one.radius + other.radius) - 2 * np.sqrt(one.radius * other.radius)
    start = 1.8 * (one.radius + other.radius)
    for away in np.arange(start, 0, -1.0):
        one.x, one.y = other.x + away * np.cos(turn), other.y + away * np.sin(turn)
        if _hits(own, one):
            if away == start:
                return False
            one.x -= hidden * np.cos(turn)
            one.y -= hidden * np.sin(turn)
            return True
    return False


def _window(shape: tuple[int, ...], one: _Cut) -> tuple[slice, slice, slice, slice]:
    side = one.rgba.shape[0]
    left, top = round(one.x - side / 2), round(one.y - side / 2)
    x0, y0, x1, y1 = max(left, 0), max(top, 0), max(0, min(left + side, shape[1])), max(0, min(top + side, shape[0]))
    x0, y0 = min(x0, x1), min(y0, y1)
    r, c = max(0, y0 - top), max(0, x0 - left)
    return slice(y0, y1), slice(x0, x1), slice(r, r + y1 - y0), slice(c, c + x1 - x0)


def _hits(taken: Pixels, one: _Cut) -> bool:
    rows, columns, r, c = _window(taken.shape, one)
    return bool((taken[rows, columns].astype(bool) & one.mask[r, c]).any())


def _stamp(taken: Pixels, one: _Cut, mask: Pixels) -> None:
    rows, columns, r, c = _window(taken.shape, one)
    taken[rows, columns] |= mask[r, c]


def _painted(rng: np.random.Generator, scene: Floats, placed: list[_Cut]) -> Floats:
    """Shadows first on the ground, then each fruit, the smaller first, with its neighbours' shadows on it."""
    turn, length, dark = rng.uniform(0, 2 * np.pi), rng.uniform(0.0, 0.7), rng.uniform(0.25, 0.65)
    soft = rng.uniform(0.04, 0.5)
    gain = rng.uniform(0.8, 1.1)
    casts = [_cast(one, scene.shape, (turn, length), soft) for one in placed]
    light = np.ones(scene.shape[:2], np.float32)
    for cast in casts:
        light *= 1 - dark * cast
    scene = scene * light[..., None]
    order = np.argsort([one.radius for one in placed])
    for n in order:
        one = placed[n]
        rows, columns, r, c = _window(scene.shape, one)
        others = np.ones(one.rgba.shape[:2], np.float32)[r, c]
        for m, cast in enumerate(casts):
            if m != n:
                others *= 1 - 0.7 * dark * cast[rows, columns]
        cut = one.rgba[r, c]
        under = scene[rows, columns]
        under[:] = under * (1 - cut[..., 3:]) + 255 * gain * cut[..., :3] * others[..., None]
    return scene


def _cast(one: _Cut, shape: tuple[int, ...], towards: tuple[float, float], soft: float) -> Floats:
    """The share of light that a fruit takes from the ground: close under it, and along the light's way."""
    mask = np.zeros(shape[:2], np.float32)
    rows, columns, r, c = _window(shape, one)
    mask[rows, columns] = one.rgba[r, c, 3]
    small = cv2.resize(mask, None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_AREA)
    radius = one.radius * _COARSE
    steps = [
        cv2.warpAffine(
            small, np.array([[1, 0, s * np.cos(towards[0])], [0, 1, s * np.sin(towards[0])]]), small.shape[1::-1]
        )
        for s in np.linspace(0, towards[1] * radius, 4)
    ]
    swept = cv2.GaussianBlur(np.max(steps, axis=0), (0, 0), max(0.5, soft * radius))
    contact = cv2.GaussianBlur(small, (0, 0), max(0.5, 0.12 * radius))
    return np.asarray(cv2.resize(np.maximum(swept, contact * 0.8), shape[1::-1]), np.float32)


def _seen(rng: np.random.Generator, scene: Floats, placed: list[_Cut]) -> tuple[Floats, list[NDArray[np.float32]]]:
    """Through a hand-held camera that does not quite look straight down; the ground goes on beyond the picture."""
    height, width = scene.shape[:2]
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    tilt = rng.uniform(0, 0.08)
    inset = rng.uniform(-tilt, 0, (4, 2)) * (width, height) * ((1, 1), (-1, 1), (-1, -1), (1, -1))
    lens = cv2.getPerspectiveTransform(corners, (corners + inset).astype(np.float32))
    scene = cv2.warpPerspective(scene, lens, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    outlines = []
    for one in placed:
        found = cv2.findContours(one.mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)[0]
        points = max(found, key=len).reshape(-1, 1, 2).astype(np.float32)
        points += (round(one.x - one.rgba.shape[0] / 2), round(one.y - one.rgba.shape[0] / 2))
        outlines.append(cv2.perspectiveTransform(points, lens).reshape(-1, 2))
    return np.asarray(scene, np.float32), outlines


def _exposed(rng: np.random.Generator, scene: Floats, size_px: int) -> Pixels:
    """Light that falls off, vignetting, a cast, blur, noise, and JPEG."""
    height, width = scene.shape[:2]
    x, y = np.meshgrid(np.linspace(-1, 1, width, dtype=np.float32), np.linspace(-1, 1, height, dtype=np.float32))
    turn = rng.uniform(0, 2 * np.pi)
    light = 1 + rng.uniform(0, 0.25) * (x * np.cos(turn) + y * np.sin(turn)) - rng.uniform(0, 0.15) * (x * x + y * y)
    light = light * rng.uniform(0.75, 1.1) * (1 + 0.02 * cloud(rng, width, height, 0.5, 0.5))
    scene = scene * light[..., None] * rng.normal(1, 0.03, 3).astype(np.float32)
    scale = size_px / max(width, height)
    if scale > 1:
        scene = cv2.resize(scene, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.5:
        scene = cv2.GaussianBlur(scene, (0, 0), rng.uniform(0.4, 1.2) * max(1.0, size_px / 1200))
    grain = rng.normal(0, rng.uniform(0.5, 5), (min(scene.shape[0], 512), min(scene.shape[1], 512), 3))
    scene = scene + np.resize(grain, scene.shape).astype(np.float32)
    picture = np.clip(np.round(scene), 0, 255).astype(np.uint8)
    quality = int(rng.integers(55, 97))
    _, data = cv2.imencode(".jpg", picture[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
