"""The board: printed at true scale, and found in pictures."""

import re

import numpy as np
import pytest

from edge.calibrate import board


def drawn(mm_per_px: float, turn_deg: float, middle_px=(330.0, 244.0), finer: int = 4):
    """An ideal camera's picture of the board, uint8 RGB (480, 640, 3)."""
    y, x = np.mgrid[0 : 480 * finer, 0 : 640 * finer]
    x, y = (x + 0.5) / finer - middle_px[0], (y + 0.5) / finer - middle_px[1]
    turn = np.radians(turn_deg)
    u = (np.cos(turn) * x + np.sin(turn) * y) * mm_per_px + board.SIDE_MM / 2
    v = (-np.sin(turn) * x + np.cos(turn) * y) * mm_per_px + board.SIDE_MM / 2
    column, row = (np.floor((at - board.MARGIN_MM) / board.SQUARE_MM) for at in (u, v))
    on = (u > 0) & (u < board.SIDE_MM) & (v > 0) & (v < board.SIDE_MM)
    square = (column >= 0) & (column < board.SQUARES) & (row >= 0) & (row < board.SQUARES)
    grey = np.where(on, np.where(square & ((row + column) % 2 == 0), 20, 245), 80)
    grey = grey.reshape(480, finer, 640, finer).mean((1, 3)).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


@pytest.mark.parametrize(("mm_per_px", "turn_deg"), [(0.7, 0.0), (0.721, 3.0), (0.672, -7.0)])
def test_the_scale_of_a_picture_is_found_to_a_thousandth(mm_per_px: float, turn_deg: float) -> None:
    seen = board.find(drawn(mm_per_px, turn_deg))
    assert seen is not None
    assert seen.along_mm_per_px == pytest.approx(mm_per_px, rel=1e-3)
    assert seen.across_mm_per_px == pytest.approx(mm_per_px, rel=1e-3)
    assert seen.middle_px == pytest.approx((330, 244), abs=0.05)
    assert min(seen.white) > 235


def test_a_board_that_was_printed_larger_is_measured_by_its_true_size() -> None:
    seen = board.find(drawn(0.7, 0.0), scale=1.01)
    assert seen is not None
    assert seen.along_mm_per_px == pytest.approx(0.707, rel=1e-3)


def test_a_board_that_is_cut_off_by_the_picture_is_not_seen() -> None:
    assert board.find(drawn(0.7, 0.0, middle_px=(80.0, 244.0), finer=1)) is None


def test_an_empty_belt_holds_no_board() -> None:
    assert board.find(np.full((480, 640, 3), 90, np.uint8)) is None


def test_the_page_is_a4_with_every_black_square_at_true_scale() -> None:
    page = board.svg()
    assert 'width="210mm" height="297mm" viewBox="0 0 210 297"' in page
    squares = re.findall(r'<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/>', page)
    assert len(squares) == (board.SQUARES**2 + 1) // 2
    assert {(float(w), float(h)) for *_, w, h in squares} == {(board.SQUARE_MM, board.SQUARE_MM)}
    x = sorted({float(x) for x, *_ in squares})
    assert np.diff(x) == pytest.approx(board.SQUARE_MM)
    assert x[0] >= board.MARGIN_MM
    assert x[-1] + board.SQUARE_MM <= 210 - board.MARGIN_MM
