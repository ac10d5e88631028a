"""One fruit on its way from a machine into a dataset: what was decided of it, what people said, and its pictures."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from edge.kept import Kept, Word, said
from training.dataset import Part, part_by_lot

HELD, VALIDATION = 0.5, 0.15
"""Shares of the fruit; HELD of the audit's alone, which stand for all: what the bundle doubted, or people chose to look
at, is harder than most, and only teaches. A fruit's lot is its own: more of them never move one into another part."""

POLICY = (
    "Each user's newest word about a fruit counts once. The label is the one that most users gave; where they are "
    "split evenly the fruit is left out, and listed in provenance.json with what each said. A sound label is taught of "
    "every look, damage of the one look in which the asked bundle saw most of it. Half of the fruit that the audit "
    "drew are held back, to compare bundles on; no other is."
)


@dataclass(frozen=True, slots=True)
class Fruit:
    """`source`: its machine. `chained`: whether the ledger has people's words too, None where there is none."""

    source: str
    kept: Kept
    words: tuple[Word, ...]
    chained: bool | None = None

    @property
    def labels(self) -> Mapping[str, str]:
        """Each user's newest word."""
        return {user: word.label for user, word in sorted(said(self.words).items()) if word.label}

    @property
    def label(self) -> str | None:
        """By `POLICY`; None where nobody has said, or people are split."""
        counted = Counter(self.labels.values()).most_common(2)
        if not counted or (len(counted) == 2 and counted[0][1] == counted[1][1]):
            return None
        return counted[0][0]

    @property
    def split(self) -> Part:
        held = HELD if self.kept.why == "audited" else 0.0
        return part_by_lot(f"{self.source}/{self.kept.track_id}", held, VALIDATION)

    @property
    def file_names(self) -> list[str]:
        return [f"pictures/{self.kept.track_id}/{shot.file}" for shot in self.kept.shots]

    @property
    def damage_shown(self) -> str:
        """The file that shows the damage, if any does."""
        shots = self.kept.shots
        most = max(range(len(shots)), key=lambda n: shots[n].scores[-1])
        return self.file_names[most]

    def joined(self, other: Fruit) -> Fruit:
        """The same fruit, with what was said to either."""
        chained = self.chained if other.chained is None else other.chained or bool(self.chained)
        return replace(other, words=merged((*self.words, *other.words)), chained=chained)

    def told(self) -> dict[str, Any]:
        """As `provenance.json` has it."""
        return {
            "source": self.source,
            "label": self.label,
            "by": self.labels,
            "split": self.split,
            "chained": self.chained,
            "kept": asdict(self.kept),
            "words": [asdict(word) for word in self.words],
        }


def merged(words: Iterable[Word]) -> tuple[Word, ...]:
    """Without repeats, the oldest first."""
    return tuple(sorted({(one.user, one.command_id): one for one in words}.values(), key=lambda one: one.at_utc))
