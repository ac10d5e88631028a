"""What fruit are photographed on, drawn anew from random numbers: the unseen backgrounds of rendered scenes.

Every ground comes twice, drawn by different means: `TUNED` is what detection was tried out on, `UNSEEN` what it is
measured on besides. Each gives float32 RGB (height, width, 3), 0 to 255.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ground = Callable[[np.random.Generator, int, int], Floats]


def cloud(rng: np.random.Generator, width: int, height: int, across: float, down: float) -> Floats:
    """Smooth noise (height, width), deviation 1, with blots of `across` x `down` shares of the longer side."""
    longer = max(width, height)
    shape = (max(2, round(height / (down * longer)) + 1), max(2, round(width / (across * longer)) + 1))
    coarse = rng.standard_normal(shape).astype(np.float32)
    smooth = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    return np.asarray(smooth / (smooth.std() + 1e-6), np.float32)


def _tinted(shade: NDArray[np.floating], colour: tuple[float, ...]) -> Floats:
    return np.asarray(shade[..., None] * np.array(colour), np.float32)


def _pick(rng: np.random.Generator, *colours: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(np.array(colours[rng.integers(len(colours))]) * rng.uniform(0.93, 1.07, 3))


def _planks(rng: np.random.Generator, w: int, h: int) -> Floats:
    """Boards side by side: own tones, long grain, knots, dark joints."""
    y = np.linspace(0, 1, h, dtype=np.float32)[:, None] * np.ones((1, w), np.float32)
    x = np.linspace(0, w / h, w, dtype=np.float32)[None] * np.ones((h, 1), np.float32)
    board = np.floor(y / rng.uniform(0.14, 0.4) + rng.uniform()).astype(int)
    field = y * 1.0
    for _ in range(rng.integers(0, 4)):
        cx, cy, size = rng.uniform(0, w / h), rng.uniform(), rng.uniform(0.015, 0.05)
        near = np.exp(-(((x - cx) / (3 * size)) ** 2 + ((y - cy) / size) ** 2))
        field += size * 1.5 * near
    grain = np.sin(field * rng.uniform(90, 260) + 2.5 * cloud(rng, w, h, 0.5, 0.04) + 9 * board)
    fine = cloud(rng, w, h, 0.12, 0.004)
    shade = rng.uniform(0.85, 1.1, board.max() + 2)[board] * (1 + rng.uniform(0.03, 0.09) * grain + 0.04 * fine)
    shade[1:] *= 1 - 0.55 * (board[1:] != board[:-1])
    return _tinted(shade, _pick(rng, (176, 134, 92), (150, 108, 72), (205, 172, 130), (98, 66, 44), (186, 120, 70)))


def _veneer(rng: np.random.Generator, w: int, h: int) -> Floats:
    """One slab: cathedral rings about a pith beside the picture, ray flecks, reddish to dark stains."""
    x, y = np.meshgrid(np.linspace(0, w / h, w), np.linspace(0, 1, h))
    turn = rng.uniform(-0.3, 0.3)
    u, v = x * np.cos(turn) - y * np.sin(turn), x * np.sin(turn) + y * np.cos(turn)
    far = np.hypot(v - rng.uniform(-0.6, 1.6), rng.uniform(0.05, 0.2) * (u - rng.uniform(0, 2)))
    rings = (far * rng.uniform(14, 30) + 0.35 * cloud(rng, w, h, 0.4, 0.1)) % 1.0
    fleck = np.clip(cloud(rng, w, h, 0.03, 0.003) - 1.2, 0, 2)
    shade = 1 - rng.uniform(0.08, 0.22) * rings**2 - 0.08 * fleck + 0.03 * cloud(rng, w, h, 0.2, 0.2)
    if rng.random() < 0.5:
        shade = np.ascontiguousarray(np.rot90(cv2.resize(shade.astype(np.float32), (h, w))))
    return _tinted(shade, _pick(rng, (168, 92, 58), (190, 128, 78), (120, 74, 50), (214, 186, 148), (150, 84, 50)))


def _cloth(rng: np.random.Generator, w: int, h: int) -> Floats:
    """A plain table cloth: weave and soft folds."""
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    pitch = max(3.0, w / rng.uniform(150, 320))
    weave = np.sin(2 * np.pi * x / pitch) * np.sin(2 * np.pi * y / pitch)
    fold = np.sin((x * rng.uniform(-1, 1) + y * rng.uniform(-1, 1)) / w * rng.uniform(5, 25))
    shade = 1 + 0.04 * weave + rng.uniform(0, 0.06) * fold + 0.02 * cloud(rng, w, h, 0.004, 0.004)
    colours = ((226, 222, 214), (90, 110, 140), (200, 190, 170), (110, 60, 70), (60, 62, 66), (150, 170, 190))
    return _tinted(shade, _pick(rng, *colours))


def _checked(rng: np.random.Generator, w: int, h: int) -> Floats:
    """A checked kitchen cloth, or green felt."""
    felt = 1 + 0.05 * cloud(rng, w, h, 0.005, 0.005) + 0.04 * cloud(rng, w, h, 0.2, 0.2)
    if rng.random() < 0.4:
        return _tinted(felt, _pick(rng, (44, 96, 70), (70, 120, 110), (52, 64, 110)))
    base, band = np.array((232, 230, 224.0)), np.array(_pick(rng, (120, 150, 190), (170, 170, 165), (130, 160, 150)))
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    pitch = w / rng.uniform(6, 16)
    share = ((x % pitch < pitch / 2).astype(float) + (y % pitch < pitch / 2)) / 2
    return np.asarray((base + (band - base) * share[..., None]) * felt[..., None], np.float32)


def _marble(rng: np.random.Generator, w: int, h: int) -> Floats:
    """Veins through white or grey stone."""
    bend = cloud(rng, w, h, 0.3, 0.3) + 0.5 * cloud(rng, w, h, 0.1, 0.1) + 0.25 * cloud(rng, w, h, 0.03, 0.03)
    veins = np.exp(-np.abs(bend) * rng.uniform(5, 14)) + 0.5 * np.exp(-np.abs(cloud(rng, w, h, 0.2, 0.2)) * 20)
    shade = 1 - rng.uniform(0.15, 0.4) * veins + 0.03 * cloud(rng, w, h, 0.15, 0.15)
    return _tinted(shade, _pick(rng, (236, 234, 230), (226, 220, 208), (70, 74, 76)))


def _granite(rng: np.random.Generator, w: int, h: int) -> Floats:
    """Speckled stone, brushed steel or terrazzo tiles."""
    kind = rng.integers(3)
    if kind == 0:
        speckle = cloud(rng, w, h, 0.006, 0.006) + cloud(rng, w, h, 0.003, 0.003)
        return _tinted(1 + 0.16 * speckle, _pick(rng, (128, 124, 120), (84, 84, 88), (178, 164, 152)))
    if kind == 1:
        brushed = 0.04 * cloud(rng, w, h, 0.5, 0.002) + 0.18 * cloud(rng, w, h, 0.7, 0.35)
        return _tinted(1 + brushed, _pick(rng, (168, 170, 172), (140, 143, 148)))
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    tile = w / rng.uniform(2.5, 6)
    joint = (x % tile < 0.02 * tile + 1) | (y % tile < 0.02 * tile + 1)
    shade = (1 + 0.05 * cloud(rng, w, h, 0.05, 0.05)) * (1 - 0.3 * joint)
    return _tinted(shade, _pick(rng, (222, 216, 204), (176, 170, 160), (190, 118, 84)))


def _belt(rng: np.random.Generator, w: int, h: int) -> Floats:
    """PVC with a weave, smears and crumbs of dirt."""
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    weave = np.sin(x * 2 * np.pi / max(4, w / 200)) + np.sin(y * 2 * np.pi / max(4, w / 200))
    shade = 1 + 0.012 * weave + 0.03 * cloud(rng, w, h, 0.1, 0.01) + 0.02 * cloud(rng, w, h, 0.003, 0.003)
    crumbs = cloud(rng, w, h, 0.008, 0.008) > rng.uniform(3.2, 4.2)
    shade = shade * (1 - 0.4 * cv2.GaussianBlur(crumbs.astype(np.float32), (0, 0), max(0.8, w / 900)))
    return _tinted(shade, _pick(rng, (44, 76, 128), (40, 41, 44), (38, 92, 84), (206, 208, 206)))


def _seamed(rng: np.random.Generator, w: int, h: int) -> Floats:
    """A modular belt: links, seams, stains and scratches."""
    x, y = np.meshgrid(np.arange(w), np.arange(h))
    link, row = w / rng.uniform(8, 18), h / rng.uniform(5, 12)
    seam = (y % row < 0.06 * row + 1) | ((x + (y // row % 2) * link / 2) % link < 0.05 * link + 1)
    stain = np.clip(cloud(rng, w, h, 0.12, 0.2) - 1, 0, 1.5)
    scratch = np.clip(cloud(rng, w, h, 0.4, 0.002) - 2, 0, 1)
    shade = (1 - 0.25 * seam) * (1 - 0.12 * stain) * (1 + 0.15 * scratch)
    return _tinted(shade, _pick(rng, (60, 110, 170), (70, 72, 76), (222, 222, 218), (90, 130, 110)))


def _paper(rng: np.random.Generator, w: int, h: int) -> Floats:
    """Off-white, with creases that catch the light."""
    x, y = np.meshgrid(np.linspace(0, 1, w), np.linspace(0, h / w, h))
    shade = 1 + 0.015 * cloud(rng, w, h, 0.2, 0.2) + 0.008 * cloud(rng, w, h, 0.003, 0.003)
    for _ in range(rng.integers(0, 5)):
        turn = rng.uniform(0, np.pi)
        off = (x - rng.uniform()) * np.cos(turn) + (y - rng.uniform(0, h / w)) * np.sin(turn)
        shade += rng.uniform(0.02, 0.07) * np.tanh(off * 60) * np.exp(-((off * 14) ** 2))
    return _tinted(shade, _pick(rng, (238, 235, 226), (228, 226, 222), (240, 234, 210)))


def _card(rng: np.random.Generator, w: int, h: int) -> Floats:
    """Kraft card, a printed or ruled sheet, or newsprint, crumpled into facets."""
    facets = sum(np.abs(cloud(rng, w, h, s, s)) * s for s in (0.25, 0.12, 0.06))
    shade = 1 + rng.uniform(0.05, 0.35) * (facets - facets.mean()) + 0.02 * cloud(rng, w, h, 0.004, 0.002)
    kind = rng.integers(3)
    if kind == 0:
        return _tinted(shade, _pick(rng, (190, 152, 110), (205, 172, 132)))
    sheet = _tinted(shade, _pick(rng, (240, 238, 232), (214, 208, 194)))
    pitch = h / rng.uniform(20, 40)
    y = np.arange(h)[:, None] % pitch
    if kind == 1:
        sheet[np.broadcast_to(y < max(1, 0.05 * pitch), (h, w))] *= (0.72, 0.82, 0.95)
    else:
        words = (y < 0.45 * pitch) & (cloud(rng, w, h, 0.01, 0.004) > 0)
        sheet[cv2.erode(words.astype(np.uint8), np.ones((2, 2))) > 0] *= 0.45
    return sheet


TUNED: dict[str, Ground] = {"wood": _planks, "table": _cloth, "belt": _belt, "paper": _paper, "stone": _marble}
UNSEEN: dict[str, Ground] = {"wood": _veneer, "table": _checked, "belt": _seamed, "paper": _card, "stone": _granite}


def _plain(*colour: float) -> Ground:
    return lambda rng, w, h: _tinted(1 + 0.01 * cloud(rng, w, h, 0.3, 0.3), colour)


PLAIN: dict[str, Ground] = {
    "white": _plain(246, 246, 244),
    "black": _plain(10, 10, 11),
    "wood": _planks,
    "paper": _paper,
    "blue": _plain(44, 76, 128),
}
