"""A fruit's passage under the camera, played to the device's own grader: looks at consecutive views of its turn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from edge.datapath import Detection, Grades, Look
from edge.grade.fusion import Judge, fuse
from edge.grade.litert import LiteRTGrader
from training.augment import LINE, seen
from training.dataset import Picture, by_fruit

SINGLE = ("ageing", "shop", "lab")
"""Sources of single photographs, which have no turn."""

_STEP = 2
"""Views between two looks: a fruit rolls on by some 40 degrees, views lie some 20 apart."""

Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Passage:
    """One passage of one physical fruit: what it truly is, its looks, and what they come to uncalibrated (`fused`; the
    bundle's thresholds fuse them again). A look's `frame` is the view's place in the fruit's turn.

    `showed` is False where the damage of a damaged fruit never faced the camera, and None where nobody can tell.
    """

    source: str
    fruit: str
    grade: str
    fused: Grades
    showed: bool | None = None
    looks: tuple[Look, ...] = ()

    @property
    def fruit_key(self) -> str:
        return f"{self.source}/{self.fruit}"

    @property
    def turned(self) -> bool:
        """Whether it was seen from more than one side."""
        return len({look.frame for look in self.looks}) > 1

    def first(self, looks: int) -> Passage:
        """The passage as its first looks have it."""
        return replace(self, fused=fuse(self.looks[:looks]), looks=self.looks[:looks])

    def grades(self, judge: Judge) -> Grades:
        """What the device fuses its looks to."""
        return judge.fuse(self.looks) if self.looks else self.fused

    def judged(self, judge: Judge) -> Passage:
        """The passage with `fused` as the device has it."""
        return replace(self, fused=self.grades(judge))


def shortened(passages: Iterable[Passage], counts: Sequence[int] = (1, 2, 4, 8)) -> dict[int, list[Passage]]:
    """Each number of looks to the passages of at least so many, as their first looks have them. Photographs without a
    turn show the same side however often they are looked at: they count at one look alone."""
    played = list(passages)
    return {
        count: [p.first(count) for p in played if len(p.looks) >= count and (count == 1 or p.turned)]
        for count in counts
    }


def play(grader: LiteRTGrader, pictures: Sequence[Picture], looks: int, times: int, seed: int) -> Iterator[Passage]:
    """`times` passages of every fruit whose grade is told, each of up to `looks` consecutive views from a drawn start.

    A source of single photographs has no turn: each photograph of it is a passage of one view seen `looks` times.
    """
    rng = np.random.default_rng([seed, looks])
    for views in by_fruit([picture for picture in pictures if picture.grade]).values():
        is_single = views[0].source in SINGLE
        for picked in [[view] * looks for view in views] if is_single else turns(views, looks, times, rng):
            graded = grader.grade([_detection(view, rng) for view in picked])
            seen_as = tuple(
                Look("", view.order, sharp, found.scores, found.unknown_score)
                for view, (found, sharp) in zip(picked, graded, strict=True)
            )
            first = picked[0]
            yield Passage(first.source, first.fruit, first.grade, fuse(seen_as), _showed(picked), seen_as)


def turns(views: Sequence[Seen], looks: int, times: int, rng: np.random.Generator) -> Iterator[list[Seen]]:
    """`times` turns of one fruit, each of so many consecutive ones of its `views` from a drawn start."""
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
