"""One grading pass over all pictures; every figure of a bundle is taken from these looks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edge.datapath import UNKNOWN, Detection, Grades, Look
from edge.detect.still import one_fruit
from edge.grade.litert import LiteRTGrader
from edge.grade.turned import look_at
from edge.grade.verdict import fuse
from training import photographs
from training.augment import LINE, seen
from training.dataset import UNTOLD, Picture
from training.passages import SINGLE, Passage, turns


@dataclass(frozen=True, slots=True)
class Graded:
    """A picture as the device graded it, once."""

    picture: Picture
    grades: Grades
    sharpness: float


def grade_all(grader: LiteRTGrader, pictures: Iterable[Picture], seed: int, done: Callable[[], None]) -> list[Graded]:
    """Each picture as it might lie under the line's camera, through preprocessing and network."""
    graded = []
    for number, picture in enumerate(pictures):
        crop, mask = seen(picture, np.random.default_rng([seed, number]), LINE)
        whole = (0, 0, crop.shape[1], crop.shape[0])
        [(grades, sharpness)] = grader.grade([Detection(whole, None, None, None, None, False, crop, mask)])
        graded.append(Graded(picture, grades, sharpness))
        done()
    return graded


def grade_stills(grader: LiteRTGrader, source: str, pairs: Sequence[tuple[Path, str]]) -> list[Graded]:
    """Whole photographs as they are, each a fruit of its own, found and graded as `sorter grade --crops` does."""
    graded = []
    for path, grade in pairs:
        found = one_fruit(photographs.read(path))
        look = look_at(grader, found)
        picture = Picture(source, path.name, 0, found.crop, found.mask, grade, UNTOLD, UNTOLD, int(grade != UNKNOWN))
        graded.append(Graded(picture, Grades(look.scores, look.unknown_score), look.sharpness))
    return graded


def by_fruit(graded: Sequence[Graded]) -> dict[str, list[Graded]]:
    """Fruit key to its looks in the order of its turn."""
    fruit: dict[str, list[Graded]] = {}
    for one in graded:
        fruit.setdefault(one.picture.fruit_key, []).append(one)
    return {key: sorted(looks, key=lambda one: one.picture.order) for key, looks in sorted(fruit.items())}


def passages(graded: Sequence[Graded], looks: int, times: int, seed: int) -> list[Passage]:
    """`times` passages of every fruit, each of `looks` consecutive looks of its turn from a drawn start. A photograph
    without a turn is a passage of one look, whatever is asked for."""
    rng = np.random.default_rng([seed, looks])
    made: list[Passage] = []
    for own in by_fruit(graded).values():
        if own[0].picture.source in SINGLE:
            made += [passage([one]) for one in own]
        else:
            made += [passage(turn) for turn in turns(own, looks, times, rng)]
    return made


def passage(looks: Sequence[Graded]) -> Passage:
    """A passage of these looks."""
    first = looks[0].picture
    seen_as = tuple(
        Look("", one.picture.order, one.sharpness, one.grades.scores, one.grades.unknown_score) for one in looks
    )
    damage = [one.picture.damage for one in looks]
    showed = None if first.grade != "damaged" or set(damage) == {UNTOLD} else 1 in damage
    return Passage(first.source, first.fruit, first.grade, fuse(seen_as), showed, seen_as)
