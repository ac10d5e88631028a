"""People at the review: how many words each gave, how fast, how often two agree, and who is right how often:
person, machine, and both together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from statistics import median
from typing import Any

from edge.audited.estimate import DOUBTFUL, UNKNOWN, is_right
from edge.audited.intervals import Hit, Interval, share_of
from plant.report.audited import figure, plain
from plant.report.words import Word, agreed

_PAUSE_S = 120.0
"""A longer gap between two words of a person is a pause, where they did not say how long they took."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A fruit of which people spoke: the machine's label, what it was sorted as (`edge.audited.estimate.called`), and
    the chance that the audit drew it by; None where it was chosen for another reason, being doubtful for one."""

    label: str
    called: str
    chance: float | None
    words: tuple[Word, ...]


def people_told(fruit: Iterable[Judged]) -> dict[str, Any]:
    """`agreement`: of pairs of words on one fruit, how many are the same, and Cohen's kappa, which takes off what
    chance alone would. Of audited fruit alone, which stand for all: `right`, of people's words on those of which two
    others agree, how many say the same, by person too; `machine`, as what it was sorted; `together`, if people judged
    all fruit that the machine had doubts of, and erred as `right` says."""
    judged = [one for one in fruit if one.words]
    by_person: dict[str, list[Word]] = defaultdict(list)
    peers: dict[str, list[bool]] = defaultdict(list)
    for one in judged:
        for word in one.words:
            by_person[word.who].append(word)
            truth = _by_others(word, one.words)
            if one.chance is not None and truth is not None:
                peers[word.who].append(word.label == truth)
    pairs = [(a.label, b.label) for one in judged for a, b in combinations(one.words, 2)]
    right = share_of([Hit(said, 1.0) for who in peers for said in peers[who]])
    return {
        "fruit": len(judged),
        "words": sum(len(words) for words in by_person.values()),
        "corrections": sum(one.label != truth for one in judged if (truth := agreed(one.words))),
        "agreement": {"pairs": len(pairs), "same": plain([a == b for a, b in pairs]), "kappa": kappa(pairs)},
        "people": {
            who: {"words": len(words), "seconds": pace_s(words), "right": plain(peers[who])}
            for who, words in sorted(by_person.items())
        },
        "right": figure(right),
        "machine": figure(share_of(_hits(judged, None))),
        "together": _together(judged, right),
    }


def _by_others(word: Word, words: Sequence[Word]) -> str | None:
    """What at least two others most say that the fruit is."""
    others = [one for one in words if one is not word]
    return agreed(others) if len(others) > 1 else None


def _hits(judged: Iterable[Judged], by_hand: float | None) -> list[Hit]:
    """Of audited fruit, whether each was sorted as people agree that it is; those that the machine had doubts of are by
    that part, where it is told."""
    found: list[Hit] = []
    for one in judged:
        truth = agreed(one.words)
        if one.chance is None or truth is None:
            continue
        if by_hand is not None and one.called in (DOUBTFUL, UNKNOWN):
            found += [Hit(so, one.chance, part) for so, part in ((True, by_hand), (False, 1 - by_hand)) if part > 0]
        else:
            found.append(Hit(is_right(one.called, truth), one.chance))
    return found


def _together(judged: Sequence[Judged], right: Interval) -> dict[str, Any]:
    """The interval reaches from the low end with people at theirs to the high end with people at theirs."""
    if right.value is None:
        return figure(right)
    low, value, high = (share_of(_hits(judged, part)) for part in (right.low, right.value, right.high))
    return figure(replace(value, low=low.low, high=high.high))


def pace_s(words: Sequence[Word]) -> float | None:
    """Median time for a fruit: as said with the words, else from one to the next without the pauses."""
    said = [word.took_s for word in words if word.took_s is not None]
    if not said:
        at = sorted(word.utc for word in words)
        gaps = [(b - a).total_seconds() for a, b in pairwise(at)]
        said = [gap for gap in gaps if gap < _PAUSE_S]
    return round(median(said), 2) if said else None


def kappa(pairs: Sequence[tuple[str, str]]) -> float | None:
    """Cohen's; None without pairs, or where chance alone would agree always. Who is first of a pair does not matter."""
    if not pairs:
        return None
    both = [*pairs, *((b, a) for a, b in pairs)]
    shares: Mapping[str, float] = {
        label: sum(a == label for a, _ in both) / len(both) for label in {a for a, _ in both}
    }
    by_chance = sum(share * share for share in shares.values())
    same = sum(a == b for a, b in pairs) / len(pairs)
    return None if by_chance >= 1 else round((same - by_chance) / (1 - by_chance), 3)
