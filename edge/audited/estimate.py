"""How often the machine is right, from the fruit that were drawn for inspection and from nothing else. Pure.

The draw is independent of the verdict, so of all fruit of a true grade the inspected ones are a random sample, and of
all that were sorted as a grade too: precision, recall and accuracy are shares among inspected fruit, each weighed by
the chance that it had. What nobody has looked at yet is not counted: that is right as long as people take the fruit in
the order in which they were drawn, or by anything else that says nothing of what they are. `skipped` fruit, drawn
before others that were reviewed, are where they may have chosen; `worst` counts all of those against the machine, and
`best` for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from edge.audited.intervals import Hit, Interval, share_of

DOUBTFUL, UNKNOWN = "doubtful", "unknown"


@dataclass(frozen=True, slots=True)
class Inspected:
    """A fruit that was drawn by `chance`, what it was sorted as, and what people say that it is: so many of them for
    each label. Nobody yet: no words."""

    called: str
    chance: float
    words: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Estimate:
    """Shares of all fruit that the bundle answered for, each with its interval. `accuracy`: sorted as what they are;
    `precision` of a grade: of those sorted as it, `recall`: of those that are it. `disputed`: people did not agree."""

    accuracy: Interval
    precision: Mapping[str, Interval]
    recall: Mapping[str, Interval]
    drawn: int
    reviewed: int
    skipped: int
    disputed: int
    worst: float | None
    best: float | None


def called(label: str, reason: str) -> str:
    """What a fruit was sorted as, by its label and the reason that it would have had without the audit."""
    return label if reason == "graded" else reason


def is_right(as_: str, truth: str) -> bool:
    """Doubt is right of what is no fruit that the bundle can judge."""
    return as_ == truth or (as_ == DOUBTFUL and truth == UNKNOWN)


def estimate(fruit: Sequence[Inspected], labels: Iterable[str], confidence: float = 0.95) -> Estimate:
    """`fruit` in the order in which they were drawn. Where people do not agree, each word counts for its part."""
    judged = [(one.called, truth, one.chance, part) for one in fruit for truth, part in parts_of(one)]
    reviewed = [one for one in fruit if one.words]
    skipped = _skipped(fruit)
    accuracy = share_of([Hit(is_right(as_, truth), chance, part) for as_, truth, chance, part in judged], confidence)
    return Estimate(
        accuracy=accuracy,
        precision={
            label: share_of([Hit(t == label, c, p) for as_, t, c, p in judged if as_ == label], confidence)
            for label in labels
        },
        recall={
            label: share_of([Hit(as_ == label, c, p) for as_, t, c, p in judged if t == label], confidence)
            for label in labels
        },
        drawn=len(fruit),
        reviewed=len(reviewed),
        skipped=len(skipped),
        disputed=sum(len(one.words) > 1 for one in reviewed),
        worst=_with(accuracy, reviewed, skipped, 0.0),
        best=_with(accuracy, reviewed, skipped, 1.0),
    )


def right_part(one: Inspected) -> float:
    """The part of people's words by which a reviewed fruit was sorted as what it is."""
    return sum(part for truth, part in parts_of(one) if is_right(one.called, truth))


def parts_of(one: Inspected) -> list[tuple[str, float]]:
    """What it is, and by which part of people's words."""
    whole = sum(one.words.values())
    return [(truth, n / whole) for truth, n in one.words.items()]


def _skipped(fruit: Sequence[Inspected]) -> list[Inspected]:
    last = max((n for n, one in enumerate(fruit) if one.words), default=-1)
    return [one for one in fruit[: last + 1] if not one.words]


def _with(
    accuracy: Interval, reviewed: Sequence[Inspected], skipped: Sequence[Inspected], right: float
) -> float | None:
    """The accuracy, had all that was skipped been so right."""
    if accuracy.value is None:
        return None
    known, open_ = (sum(1 / one.chance for one in some) for some in (reviewed, skipped))
    return (accuracy.value * known + right * open_) / (known + open_)
