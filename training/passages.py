"""A fruit's passage under the camera, played to the device's own grader: looks at consecutive views of its turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from edge.datapath import UNKNOWN, Detection, Grades, Look
from edge.grade.litert import LiteRTGrader
from edge.grade.verdict import fuse
from training.augment import LINE, seen
from training.dataset import Picture, by_fruit

_STEP = 2
"""Views between two looks: a fruit rolls on by some 40 degrees, views lie some 20 apart."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage of one physical fruit: what it truly is, and what the device fused its looks to.

    `showed` is False where the damage of a damaged fruit never faced the camera, and None where nobody can tell.
    """

    source: str
    fruit: str
    grade: str
    fused: Grades
    showed: bool | None = None

    @property
    def fruit_key(self) -> str:
        return f"{self.source}/{self.fruit}"


def play(grader: LiteRTGrader, pictures: Sequence[Picture], looks: int, times: int, seed: int) -> Iterator[Passage]:
    """`times` passages of every fruit whose grade is told, each of up to `looks` consecutive views from a drawn start.

    A source of single photographs has no turn: each photograph of it is a passage of one view seen `looks` times.
    """
    rng = np.random.default_rng([seed, looks])
    for views in by_fruit([picture for picture in pictures if picture.grade]).values():
        for picked in _turns(views, looks, times, rng):
            graded = grader.grade([_detection(view, rng) for view in picked])
            fused = fuse(
                [Look("", n, sharp, found.scores, found.unknown_score) for n, (found, sharp) in enumerate(graded)]
            )
            yield Passage(picked[0].source, picked[0].fruit, picked[0].grade, fused, _showed(picked))


def _turns(views: Sequence[Picture], looks: int, times: int, rng: np.random.Generator) -> Iterator[Sequence[Picture]]:
    if views[0].source == "ageing" or (views[0].source == "shop" and views[0].grade == UNKNOWN):
        for view in views:
            yield [view] * looks
        return
    for _ in range(times):
        start = int(rng.integers(len(views)))
        yield [views[(start + n * _STEP) % len(views)] for n in range(looks)]


def _detection(picture: Picture, rng: np.random.Generator) -> Detection:
    crop, mask = seen(picture, rng, LINE)
    return Detection((0, 0, crop.shape[1], crop.shape[0]), None, None, None, None, False, crop, mask)


def _showed(views: Sequence[Picture]) -> bool | None:
    if views[0].grade != "damaged" or all(view.damage == -1 for view in views):
        return None
    return any(view.damage == 1 for view in views)
