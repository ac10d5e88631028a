"""What is measured of each picture, once: enough to find every fault without opening it again."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from edge.detect.still import one_fruit
from edge.errors import ImageFault
from training.data.listing import Row

_THUMB_PX = 96
_OUTLINE_PX = 24
_BACKGROUND = (60, 90, 150)
"""No fruit's colour."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One picture that can be read, `sha256` of its bytes. `outline` (576,) float32 is the fine structure of the fruit,
    of length 1, so that two outlines' product is their correlation, and `colours` (8, 8, 3) the coarse colours of its
    box, float32 0 to 255. `exposure` is the brightness of the surroundings and of the fruit's brightest part, 0 to 1.
    `sharpness` is the spread of the Laplacian on the fruit. `features` (n,) describe the fruit itself. `thumb` uint8
    RGB at most 96 px a side."""

    row: Row
    sha256: str
    size_px: tuple[int, int]
    outline: NDArray[np.float32]
    colours: NDArray[np.float32]
    exposure: tuple[float, float]
    sharpness: float
    spread: float
    features: NDArray[np.float32]
    thumb: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Unread:
    """One that cannot be: why, for a person."""

    row: Row
    why: str


def measure(rows: Iterable[Row], told: Callable[[], object] = lambda: None) -> tuple[list[Measured], list[Unread]]:
    """Open every picture. `told` is called after each."""
    found: list[Measured] = []
    unread: list[Unread] = []
    for row in rows:
        one = _one(row)
        if isinstance(one, Measured):
            found.append(one)
        else:
            unread.append(one)
        told()
    return found, unread


def _one(row: Row) -> Measured | Unread:
    try:
        data = row.path.read_bytes()
    except OSError as error:
        return Unread(row, f"missing: {error.strerror}")
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED) if data else None
    if pixels is None:
        return Unread(row, "corrupt: not a picture that can be read")
    if _is_cut_short(row.path, data):
        return Unread(row, "corrupt: the file ends in the middle of the picture")
    return _measured(row, data, _rgb(np.asarray(pixels, np.uint8), data))


def _rgb(pixels: NDArray[np.uint8], data: bytes) -> NDArray[np.uint8]:
    """As uint8 RGB; what is cut out along an outline (alpha) stands before a plain background."""
    if pixels.ndim < 3 or pixels.shape[2] != 4:
        return np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB), np.uint8)
    share = pixels[..., 3:].astype(np.float32) / 255
    plain = np.array(_BACKGROUND, np.float32)
    shown = np.rint(pixels[..., 2::-1].astype(np.float32) * share + plain * (1 - share)).astype(np.uint8)
    by = max(2, max(pixels.shape[:2]) // 8)
    return np.asarray(cv2.copyMakeBorder(shown, by, by, by, by, cv2.BORDER_CONSTANT, value=_BACKGROUND), np.uint8)


def _is_cut_short(path: Path, data: bytes) -> bool:
    """A JPEG that was cut short decodes to a picture whose rest is grey: its end mark is missing."""
    return path.suffix.lower() in {".jpg", ".jpeg"} and b"\xff\xd9" not in data[-64:]


def _measured(row: Row, data: bytes, pixels: NDArray[np.uint8]) -> Measured:
    height, width = pixels.shape[:2]
    scale = min(1.0, 256 / max(height, width))
    small = cv2.resize(
        pixels, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA
    )
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    fruit, inside, around = _fruit(np.asarray(small, np.uint8))
    light = cv2.cvtColor(fruit, cv2.COLOR_RGB2GRAY)
    bright = float(np.quantile(light[inside], 0.9)) / 255 if inside.any() else 0.0
    return Measured(
        row,
        hashlib.sha256(data).hexdigest(),
        (width, height),
        _outline(light),
        cv2.resize(fruit, (8, 8), interpolation=cv2.INTER_AREA).astype(np.float32),
        (around, bright),
        float(cv2.Laplacian(light, cv2.CV_32F)[inside].std()) if inside.any() else 0.0,
        float(grey.std()),
        _features(fruit, inside),
        np.asarray(
            cv2.resize(small, None, fx=(k := _THUMB_PX / max(small.shape[:2])), fy=k, interpolation=cv2.INTER_AREA)
        ),
    )


def _fruit(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.bool_], float]:
    """The fruit as the device finds it, where it is in its crop, and how bright its surroundings are."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    try:
        found = one_fruit(pixels)
    except ImageFault:
        return pixels, np.ones(grey.shape, bool), float(np.median(rim)) / 255
    mask = cv2.resize(found.mask, found.crop.shape[1::-1], interpolation=cv2.INTER_NEAREST) > 127
    return np.ascontiguousarray(found.crop), mask, float(np.median(rim)) / 255


def _outline(grey: MatLike) -> NDArray[np.float32]:
    small = cv2.resize(grey, (_OUTLINE_PX, _OUTLINE_PX), interpolation=cv2.INTER_AREA).astype(np.float32)
    fine = small - cv2.GaussianBlur(small, (0, 0), 3)
    return np.asarray(((fine - fine.mean()) / (float(np.linalg.norm(fine - fine.mean())) + 1e-6)).ravel(), np.float32)


def _features(fruit: NDArray[np.uint8], inside: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Colour and texture of the fruit: quantiles of Lab, and how rough it is at three scales, float32 (18,)."""
    lab = cv2.cvtColor(fruit, cv2.COLOR_RGB2LAB).astype(np.float32)
    if not inside.any():
        return np.zeros(18, np.float32)
    colours = np.quantile(lab[inside], (0.05, 0.25, 0.5, 0.75, 0.95), axis=0).ravel()
    light = lab[..., 0]
    rough = [float(np.abs(light - cv2.GaussianBlur(light, (0, 0), s))[inside].mean()) for s in (1.0, 3.0, 8.0)]
    return np.asarray([*colours, *(4 * value for value in rough)], np.float32)
