"""A still as a look: the same however the fruit lies in its picture."""

import numpy as np
import pytest

from edge.bundle import load_bundle, resolve
from edge.datapath import Detection, Grades
from edge.grade.litert import LiteRTGrader
from edge.grade.turned import look_at


@pytest.fixture(scope="module")
def grader() -> LiteRTGrader:
    return LiteRTGrader(load_bundle(resolve("factory")))


def still(crop: np.ndarray, mask: np.ndarray) -> Detection:
    return Detection((0, 0, crop.shape[1], crop.shape[0]), None, None, None, None, False, crop, mask)


def fruit() -> tuple[np.ndarray, np.ndarray]:
    """A red disc that is darker to one side, with a dark spot, on white; no two of its sides are alike."""
    rows, columns = np.mgrid[-1:1:96j, -1:1:96j]
    mask = np.where(np.hypot(rows, columns) < 0.95, 255, 0).astype(np.uint8)
    crop = np.stack([190 + 40 * columns + 20 * rows, 40 + 0 * rows, 35 + 10 * rows], -1)
    crop[np.hypot(rows - 0.4, columns - 0.1) < 0.12] = (50, 30, 20)
    crop[mask == 0] = 255
    return np.clip(crop, 0, 255).astype(np.uint8), mask


def test_a_still_that_is_turned_or_mirrored_says_the_same(grader: LiteRTGrader) -> None:
    crop, mask = fruit()
    looks = [
        look_at(grader, still(np.ascontiguousarray(a), np.ascontiguousarray(b)))
        for a, b in ((crop, mask), (np.rot90(crop), np.rot90(mask)), (crop[::-1], mask[::-1]))
    ]
    for other in looks[1:]:
        assert other.scores == pytest.approx(looks[0].scores, abs=1e-9)
        assert other.unknown_score == pytest.approx(looks[0].unknown_score, abs=1e-9)


def test_its_scores_add_up_and_lie_between_those_of_its_sides(grader: LiteRTGrader) -> None:
    crop, mask = fruit()
    look = look_at(grader, still(crop, mask))
    [(as_it_lies, _)] = grader.grade([still(crop, mask)])
    assert sum(look.scores) == pytest.approx(1)
    assert isinstance(as_it_lies, Grades)
    turned = [
        grader.grade([still(np.ascontiguousarray(np.rot90(crop, n)), np.ascontiguousarray(np.rot90(mask, n)))])[0][0]
        for n in range(4)
    ]
    mirrored = [
        grader.grade(
            [still(np.ascontiguousarray(np.rot90(crop, n)[:, ::-1]), np.ascontiguousarray(np.rot90(mask, n)[:, ::-1]))]
        )[0][0]
        for n in range(4)
    ]
    damages = [grades.scores[3] for grades in (*turned, *mirrored)]
    assert min(damages) <= look.scores[3] <= max(damages)


class Sideways:
    """Finds damage only where a fruit lies as it was given."""

    def __init__(self, upright: np.ndarray) -> None:
        self.upright = upright

    def grade(self, detections):
        return [
            (Grades((0.0, 0.1, 0.2, 0.7) if np.array_equal(one.crop, self.upright) else (0.0, 0.3, 0.6, 0.1), 0.2), 3.0)
            for one in detections
        ]


def test_one_odd_side_does_not_decide() -> None:
    crop, mask = fruit()
    look = look_at(Sideways(crop), still(crop, mask))
    assert 0.1 < look.scores[3] < 0.2
    assert look.scores[2] / look.scores[1] == pytest.approx(2)
    assert (look.unknown_score, look.sharpness) == (pytest.approx(0.2), 3.0)
