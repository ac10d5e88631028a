"""Ripeness is colour: the hue of a fruit, and pictures of one ripeness made from pictures of another."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from training.dataset import RIPENESS, UNTOLD

RED_BELOW_DEG, TURNING_FROM_DEG = 45.0, 51.0
"""Between the two a person could call a fruit either: it has no grade and teaches no ripeness."""
_HUE_DEG = {"green": (102.0, 148.0), "turning": (55.0, 96.0), "red": (25.0, 45.0)}
"""As the built-in fruit have them (`sim.atlas.draw`): the grades of all sources part at the same hues."""

_CHROMA = {"green": (0.15, 1.2), "turning": (0.4, 1.25), "red": (0.5, 1.2)}
_LIGHTER = {"green": (-60.0, 120.0), "turning": (-20.0, 80.0), "red": (-30.0, 30.0)}


def hue_deg(pixels: NDArray[np.uint8], mask: NDArray[np.uint8]) -> float:
    """The Lab hue angle of a fruit's median colour in degrees: red about 35, orange 60, yellow 80, green 130."""
    _, a, b = _lab(pixels)
    inside = mask > 0
    return float(np.degrees(np.arctan2(np.median(b[inside]), np.median(a[inside]))))


def grade_by_hue(pixels: NDArray[np.uint8], mask: NDArray[np.uint8]) -> str:
    """ "red" or "turning" of a sound fruit that is one of the two; empty where it could be called either."""
    hue = hue_deg(pixels, mask)
    return "red" if hue < RED_BELOW_DEG else "turning" if hue >= TURNING_FROM_DEG else ""


def taught_ripeness(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], grade: str) -> int:
    """The ripeness target of a red or turning view: UNTOLD where its own hue is in doubt or says otherwise, as on
    the red side of a fruit with yellow shoulders."""
    return RIPENESS.index(grade) if grade and grade_by_hue(pixels, mask) == grade else UNTOLD


def recoloured(
    pixels: NDArray[np.uint8], mask: NDArray[np.uint8], grade: str, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """The same fruit at another ripeness: its Lab hue turned to one drawn for the grade, its own variation kept. A
    turning fruit is one colour, or patches of two on either side of it; a green one may be two greens."""
    if (grade == "turning" and rng.random() < 0.5) or (grade == "green" and rng.random() < 0.3):
        other = "green" if grade == "green" or rng.random() < 0.35 else "turning"
        share = _patches(mask.shape, rng)[..., None]
        first, second = (_toned(pixels, mask, tone, rng) for tone in ("green" if grade == "green" else "red", other))
        return (first * (1 - share) + second * share).astype(np.uint8)
    return _toned(pixels, mask, grade, rng)


def strange(pixels: NDArray[np.uint8], mask: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Something that is no tomato, of the same outline: a colour that none has, a pattern, or both."""
    pattern = rng.random() < 0.6
    out = (
        turned(pixels, mask, rng.uniform(170, 380), rng.uniform(0.3, 1.3), rng.uniform(-30, 50))
        if (not pattern or rng.random() < 0.5)
        else pixels
    )
    return _patterned(out, rng) if pattern else out


def _toned(
    pixels: NDArray[np.uint8], mask: NDArray[np.uint8], grade: str, rng: np.random.Generator
) -> NDArray[np.uint8]:
    draw = [float(rng.uniform(*table[grade])) for table in (_HUE_DEG, _CHROMA, _LIGHTER)]
    return turned(pixels, mask, *draw)


def turned(
    pixels: NDArray[np.uint8], mask: NDArray[np.uint8], hue: float, chroma: float, lighter: float
) -> NDArray[np.uint8]:
    light, a, b = _lab(pixels)
    turn = np.radians(hue - hue_deg(pixels, mask))
    cos, sin = chroma * np.cos(turn), chroma * np.sin(turn)
    # Lightness is stretched towards white rather than shifted, so that shadows stay dark and highlights stay bright.
    light = light + lighter * (light / 255.0) * (1 - light / 255.0) * 2
    lab = np.stack([light, cos * a - sin * b + 128, sin * a + cos * b + 128], axis=-1)
    return np.asarray(cv2.cvtColor(np.clip(lab, 0, 255).astype(np.uint8), cv2.COLOR_LAB2RGB), dtype=np.uint8)


def _patches(shape: tuple[int, ...], rng: np.random.Generator) -> NDArray[np.float32]:
    """A field from 0 to 1 with about half of it on either side: smooth, or mottled as turning skin is."""
    most = 5 if rng.random() < 0.6 else 16
    coarse = rng.normal(size=(int(rng.integers(2, most)), int(rng.integers(2, most)))).astype(np.float32)
    field = cv2.resize(coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC)
    field = (field - np.quantile(field, rng.uniform(0.3, 0.7))) * rng.uniform(1, 4)
    return np.asarray(1 / (1 + np.exp(-4 * field)), np.float32)


def _patterned(pixels: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    height, width = pixels.shape[:2]
    cells = int(rng.integers(3, 24))
    coarse = rng.integers(0, 256, (cells, max(1, int(cells * rng.uniform(0.2, 1))), 3), dtype=np.uint8)
    smooth = cv2.INTER_CUBIC if rng.random() < 0.5 else cv2.INTER_NEAREST
    field = cv2.resize(coarse, (width, height), interpolation=smooth)
    share = rng.uniform(0.4, 1.0)
    return np.asarray(cv2.addWeighted(pixels, 1 - share, field, share, 0), dtype=np.uint8)


def _lab(pixels: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB).astype(np.float32)
    return lab[..., 0], lab[..., 1] - 128, lab[..., 2] - 128
