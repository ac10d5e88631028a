"""Pictures drawn for the eyes' tests: plain discs of fruit colours, with shadow, light and noise."""

import cv2
import numpy as np
from numpy.typing import NDArray

BELT = (44, 76, 128)
RAIL = (34, 35, 37)
COLOURS = {"green": (78, 110, 48), "turning": (215, 130, 45), "red": (190, 35, 28), "damaged": (96, 60, 42)}

Fruit = tuple[float, float, float, str]
"""x, y and diameter in pixels, and a colour's name."""


def frame(
    fruit: list[Fruit], light: float = 1.0, size: tuple[int, int] = (640, 480), rail_px: int = 20, noise: float = 2.0
) -> NDArray[np.uint8]:
    """A belt between two dark rails, RGB. Each fruit throws a shadow and is darker towards its outline."""
    width, height = size
    picture = np.empty((height, width, 3), np.float32)
    picture[:] = BELT
    for x, y, diameter, _ in fruit:
        disc(picture, x + diameter / 12, y + diameter / 12, diameter, tuple(0.55 * c for c in BELT))
    for x, y, diameter, colour in fruit:
        disc(picture, x, y, diameter, tuple(0.75 * c for c in COLOURS[colour]))
        disc(picture, x, y, 0.9 * diameter, COLOURS[colour])
    if rail_px:
        picture[:rail_px] = picture[-rail_px:] = RAIL
    picture *= light * np.linspace(0.85, 1.0, width, dtype=np.float32)[:, np.newaxis]
    picture += np.random.default_rng(5).normal(0, noise, picture.shape)
    return np.clip(picture, 0, 255).astype(np.uint8)


def disc(picture: NDArray[np.float32], x: float, y: float, diameter: float, colour: tuple[float, ...]) -> None:
    """Filled, its outline smooth, placed to a sixteenth of a pixel; (0, 0) is the first pixel's outer corner."""
    at = (round((x - 0.5) * 16), round((y - 0.5) * 16))
    cv2.circle(picture, at, round(diameter * 8), colour, cv2.FILLED, cv2.LINE_AA, 4)


def row(colours: list[str], y: float = 200, diameter: float = 80, pitch: float = 150) -> list[Fruit]:
    return [(90 + n * pitch, y, diameter, colour) for n, colour in enumerate(colours)]
