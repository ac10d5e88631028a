"""The printed board: what is on it, at true scale, and where it lies in a picture.

A chessboard whose middle is the page's. It may lie on the belt at any turn: only distances on it are used, and the way
that its middle goes.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SQUARES = 9
SQUARE_MM = 18.0
MARGIN_MM = 12.0
"""White all round, or the outer squares have no edge."""

SIDE_MM = SQUARES * SQUARE_MM + 2 * MARGIN_MM
RULER_MM = 150.0
_PAGE_MM = (210.0, 297.0)
_CORNERS = SQUARES - 1
_FLAGS = cv2.CALIB_CB_ADAPTIVE_THRESH | cv2.CALIB_CB_FAST_CHECK
_REFINED = (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 30, 0.005)

_REACH_PX = 5
"""How far around a corner it is refined: well within a square."""

_WORST_PX = 0.6
"""Corners further (rms) than this from where a flat board has them are no board, or lie on a crumpled one."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """The board in one picture: its middle, counted from the picture's corner, and the matrix, float64 (2, 2), that
    turns pixels along and across the picture into millimetres on the board. `rms_px`: how far its corners are from
    where they should be. `white`: the paper's RGB between the squares."""

    middle_px: tuple[float, float]
    mm_of_px: NDArray[np.float64]
    rms_px: float
    white: tuple[float, float, float]

    @property
    def along_mm_per_px(self) -> float:
        """Millimetres of a pixel along the rows."""
        return float(np.hypot(*self.mm_of_px[:, 0]))

    @property
    def across_mm_per_px(self) -> float:
        """Millimetres of a pixel along the columns."""
        return float(np.hypot(*self.mm_of_px[:, 1]))


def find(pixels: NDArray[np.uint8], scale: float = 1.0) -> Sighting | None:
    """The board in a picture, uint8 RGB (h, w, 3), where the whole of it is seen. `scale`: how much larger than drawn
    it was printed."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
    found, corners = cv2.findChessboardCorners(grey, (_CORNERS, _CORNERS), flags=_FLAGS)
    if not found:
        return None
    refined = cv2.cornerSubPix(grey, corners, (_REACH_PX, _REACH_PX), (-1, -1), _REFINED)
    at_px = refined.reshape(-1, 2).astype(np.float64) + 0.5  # OpenCV's pixels have their middle at 0
    row, column = np.divmod(np.arange(_CORNERS**2), _CORNERS)
    at_mm = (np.stack([column, row], axis=1) - (_CORNERS - 1) / 2) * SQUARE_MM * scale
    # The middle of the corners is the board's, so the two parts of the fit are independent.
    middle = at_px.mean(axis=0)
    px_of_mm = np.linalg.lstsq(at_mm, at_px - middle, rcond=None)[0].T
    rms_px = float(np.sqrt(np.mean(np.sum((at_px - middle - at_mm @ px_of_mm.T) ** 2, axis=1))))
    if rms_px > _WORST_PX or abs(np.linalg.det(px_of_mm)) < 1e-6:
        return None
    middle_px = float(middle[0]), float(middle[1])
    return Sighting(middle_px, np.linalg.inv(px_of_mm), rms_px, _white(pixels, at_px))


def _white(pixels: NDArray[np.uint8], at_px: NDArray[np.float64]) -> tuple[float, float, float]:
    """The brightest colour on the board, channel by channel: its paper, whatever the light."""
    left, top = np.maximum(at_px.min(axis=0).astype(int), 0)
    right, bottom = at_px.max(axis=0).astype(int) + 1
    on_board = pixels[top:bottom, left:right].reshape(-1, 3)
    red, green, blue = np.quantile(on_board, 0.9, axis=0)
    return float(red), float(green), float(blue)


def raster(px_per_mm: float) -> NDArray[np.uint8]:
    """The board as a picture, uint8 (side, side), without its page."""
    side = round(SIDE_MM * px_per_mm)
    at_mm = (np.arange(side) + 0.5) / px_per_mm - MARGIN_MM
    square = np.floor(at_mm / SQUARE_MM).astype(int)
    inside = (square >= 0) & (square < SQUARES)
    black = ((square[:, None] + square[None]) % 2 == 0) & inside[:, None] & inside[None]
    return np.where(black, 20, 245).astype(np.uint8)


def svg() -> str:
    """The page to print, A4 at true scale, with a line to hold a ruler to."""
    width, height = _PAGE_MM
    left, top = (width - SQUARES * SQUARE_MM) / 2, 40.0
    squares = "".join(
        f'<rect x="{left + column * SQUARE_MM:g}" y="{top + row * SQUARE_MM:g}" '
        f'width="{SQUARE_MM:g}" height="{SQUARE_MM:g}"/>'
        for row in range(SQUARES)
        for column in range(SQUARES)
        if (row + column) % 2 == 0
    )
    end, line = left + RULER_MM, top + SQUARES * SQUARE_MM + MARGIN_MM + 12
    ruler = (
        f'<path d="M{left:g} {line - 4:g}v8M{left:g} {line:g}H{end:g}M{end:g} {line - 4:g}v8" '
        'fill="none" stroke="#000" stroke-width=".2"/>'
    )
    said = (
        f"sorter calibrate: print at 100 % on stiff matt paper. The line must be {RULER_MM:g} mm long;",
        "where it is not, give what it measures as --ruler-mm. Cut it out 12 mm around its squares, lay it flat,",
        "at the height of a fruit's middle, and let the running belt carry it through the picture.",
    )
    text = "".join(f'<text x="{left:g}" y="{line + 12 + 6 * n:g}">{words}</text>' for n, words in enumerate(said))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="sans-serif" font-size="4">{squares}{ruler}{text}</svg>\n'
    )
