"""Many looks, one set of chances: what the bundle said of a fruit's views, fused and calibrated. Pure.

Ripeness belongs to the whole fruit and is averaged over the looks, weighted by their sharpness. Damage may face the
camera in one look only, so the looks that show most of it count most; the more looks, the likelier a sound fruit has
one that seems damaged, so what they say is calibrated for each number of looks. Training found that weighing damage by
sharpness gains nothing: blemishes are what makes a look sharp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from edge.bundle import AtLooks
from edge.datapath import LABELS, UNKNOWN, Grades, Look

if TYPE_CHECKING:
    from edge.bundle import Fusion, Thresholds

DAMAGED = LABELS.index("damaged")
RIPENESS = range(DAMAGED)

MOST_LOOKS = 64
_NOTHING = 1e-6
_SURE = 1e-9
"""The least chance that is told apart from 0, and its mirror from 1."""


@dataclass(frozen=True, slots=True)
class Judge:
    """A bundle's thresholds, ready for every number of looks from 1 on. Without a `fusion` damage is the worst look's
    and is not calibrated."""

    least_confidence: float
    most_unknown: float
    fusion: Fusion | None
    rows: dict[int, AtLooks]
    """By the number of looks, worked out as they are asked for."""
    promise: bool = False
    """Whether a fruit is in doubt where the bundle's promise does not cover its label."""

    @classmethod
    def of(cls, thresholds: Thresholds) -> Judge:
        fusion = thresholds.fusion
        if fusion is None:
            rows = {1: AtLooks(looks=1, scale=1.0, offset=0.0, damaged=thresholds.damaged)}
        else:
            rows = {row.looks: row for row in fusion.at}
        return cls(thresholds.least_confidence, thresholds.most_unknown, fusion, rows)

    def at(self, looks: int) -> AtLooks:
        """The row for so many looks, at least one: between the bundle's by the logarithm, as the nearest beyond."""
        row = self.rows.get(looks)
        if row is None:
            given = self.fusion.at if self.fusion else (self.rows[1],)
            row = self.rows[looks] = _between(given, min(looks, MOST_LOOKS))
        return row

    def fuse(self, looks: Sequence[Look]) -> Grades:
        """One set of grades from at least one look. The scores add up to 1."""
        return fuse(looks) if self.fusion is None else _calibrated(looks, self.fusion, self.at(len(looks)))

    def label(self, grades: Grades, looks: int) -> tuple[str, float]:
        """The label and its confidence: its score, or the strangeness itself for `unknown`."""
        return label_of(grades, self.at(looks).damaged, self.most_unknown)

    def doubts(self, grades: Grades, label: str, confidence: float, looks: int) -> bool:
        """Whether a tomato's label is too unsure to act on. Calling a fruit damaged has a threshold of its own and
        costs no good outlet its purity."""
        if self.promise and not self.sure(grades, label, looks):
            return True
        return label != LABELS[DAMAGED] and confidence < self.least_confidence

    def sure(self, grades: Grades, label: str, looks: int) -> bool:
        """Whether every grade but the label is ruled out, so that the bundle's promise covers the label. A grade that
        the bundle promises nothing of is never ruled out."""
        least = self.at(looks).least
        return not any(
            score >= least.get(grade, 0.0) for grade, score in zip(LABELS, grades.scores, strict=True) if grade != label
        )


def fuse(looks: Sequence[Look]) -> Grades:
    """As the looks have it, uncalibrated: damage is the worst look's, strangeness the mean. At least one look; the
    scores add up to 1."""
    weights = _weights(looks)
    damage = max([look.scores[DAMAGED] for look in looks])
    strange = 0.0
    for look, weight in zip(looks, weights, strict=True):
        strange += weight * look.unknown_score
    ripeness = _ripeness(looks, weights)
    whole = fsum(ripeness)
    return Grades((*((1 - damage) * share / whole for share in ripeness), damage), strange)


def label_of(grades: Grades, damaged: float, most_unknown: float) -> tuple[str, float]:
    """The label and its confidence: its score, or the strangeness itself for `unknown`."""
    if grades.unknown_score > most_unknown:
        return UNKNOWN, grades.unknown_score
    if grades.scores[DAMAGED] >= damaged:
        return LABELS[DAMAGED], grades.scores[DAMAGED]
    best = max(RIPENESS, key=grades.scores.__getitem__)
    return LABELS[best], grades.scores[best]


def peak_log_odds(damages: Sequence[float], peak: float) -> float:
    """The looks' own chances of damage as one: the log of the power mean of their odds, which nears the mean of the
    log-odds as `peak` nears 0 and the highest of them as it grows. To the bit the same in any order of the looks."""
    odds = [((chance + _SURE) / (1 - chance + _SURE)) ** peak for chance in damages]
    return math.log(fsum(odds) / len(odds)) / peak


def chance_of(log_odds: float) -> float:
    return 1 / (1 + math.exp(min(max(-log_odds, -60.0), 60.0)))


def damage_at(row: AtLooks, fused: float) -> float:
    """The chance of damage that looks of these fused log-odds leave."""
    return row.floor + (1 - row.floor) * chance_of(row.scale * fused + row.offset)


def log_odds_of(chance: float) -> float:
    chance = min(max(chance, _SURE), 1 - _SURE)
    return math.log(chance / (1 - chance))


def _calibrated(looks: Sequence[Look], fusion: Fusion, row: AtLooks) -> Grades:
    weights = _weights(looks)
    fused = peak_log_odds([look.scores[DAMAGED] for look in looks], fusion.peak)
    damage = damage_at(row, fused)
    shares = [share**fusion.ripeness for share in _ripeness(looks, weights)]
    whole = fsum(shares)
    return Grades((*((1 - damage) * share / whole for share in shares), damage), _strangeness(looks, weights))


def _weights(looks: Sequence[Look]) -> list[float]:
    """By sharpness; a fruit that the picture's edge cuts is never looked at, so no look shows less than a whole one."""
    total = fsum([look.sharpness for look in looks])
    return [look.sharpness / total for look in looks] if total > 0 else [1 / len(looks)] * len(looks)


def _ripeness(looks: Sequence[Look], weights: Sequence[float]) -> tuple[float, float, float]:
    """Written out for each grade: it runs for every verdict, and for the neighbours of each."""
    green = turning = red = 0.0
    for look, weight in zip(looks, weights, strict=True):
        greens, turnings, reds, damage = look.scores
        # A look all of damage says nothing of ripeness: its share is even.
        sound = 1 - damage
        if sound > _NOTHING:
            green += weight * (greens / sound)
            turning += weight * (turnings / sound)
            red += weight * (reds / sound)
        else:
            third = weight * (1 / 3)
            green, turning, red = green + third, turning + third, red + third
    return green, turning, red


def _strangeness(looks: Sequence[Look], weights: Sequence[float]) -> float:
    """The mean of the middle half of the looks, so that one odd look, a shadow or a neighbour, decides nothing."""
    ranked = sorted([(look.unknown_score, weight) for look, weight in zip(looks, weights, strict=True)])
    cut = len(ranked) // 4
    middle = ranked[cut : len(ranked) - cut]
    total = fsum([weight for _, weight in middle])
    if total <= 0:
        return fsum([score for score, _ in middle]) / len(middle)
    return fsum([score * (weight / total) for score, weight in middle])


def _between(rows: Sequence[AtLooks], looks: int) -> AtLooks:
    under = [row for row in rows if row.looks <= looks]
    over = [row for row in rows if row.looks >= looks]
    if not under or not over or under[-1] is over[0]:
        return (under[-1] if under else over[0]).model_copy(update={"looks": looks})
    low, high = under[-1], over[0]
    part = math.log(looks / low.looks) / math.log(high.looks / low.looks)

    def mid(a: float, b: float) -> float:
        return a + part * (b - a)

    return AtLooks(
        looks=looks,
        scale=mid(low.scale, high.scale),
        offset=mid(low.offset, high.offset),
        floor=mid(low.floor, high.floor),
        damaged=chance_of(mid(log_odds_of(low.damaged), log_odds_of(high.damaged))),
        least={grade: mid(chance, high.least[grade]) for grade, chance in low.least.items() if grade in high.least},
    )
