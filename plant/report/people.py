"""People at the review: how many words each gave, how fast, how often two agree, and who is right how often."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations, pairwise
from statistics import median
from typing import Any

from plant.report.audited import plain
from plant.report.words import Word, agreed

_PAUSE_S = 120.0
"""A longer gap between two words of a person is a pause, where they did not say how long they took."""


def people_told(fruit: Iterable[tuple[str, tuple[Word, ...]]]) -> dict[str, Any]:
    """Of fruit with what the machine said and what people did. `agreement`: of pairs of words on one fruit, how many
    are the same, and Cohen's kappa, which takes off what chance alone would; `right`: of a person's words on fruit on
    which at least two others agree, how many say the same; `machine` likewise of all fruit people agree on."""
    judged = [(said, words) for said, words in fruit if words]
    by_person: dict[str, list[Word]] = defaultdict(list)
    peers: dict[str, list[bool]] = defaultdict(list)
    for _, words in judged:
        for word in words:
            by_person[word.who].append(word)
            others = [one for one in words if one is not word]
            truth = agreed(others) if len(others) > 1 else None
            if truth is not None:
                peers[word.who].append(word.label == truth)
    pairs = [(a.label, b.label) for _, words in judged for a, b in combinations(words, 2)]
    machine = [said == truth for said, words in judged if (truth := agreed(words))]
    return {
        "fruit": len(judged),
        "words": sum(len(words) for words in by_person.values()),
        "corrections": sum(not right for right in machine),
        "machine": plain(machine),
        "agreement": {"pairs": len(pairs), "same": plain([a == b for a, b in pairs]), "kappa": kappa(pairs)},
        "people": {
            who: {"words": len(words), "seconds": pace_s(words), "right": plain(peers[who])}
            for who, words in sorted(by_person.items())
        },
    }


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
