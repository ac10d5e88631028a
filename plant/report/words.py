"""What people said of fruit: the newest word of each about a track, and the one word that follows from several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from edge.ledger.entries import Event, Stamped


@dataclass(frozen=True, slots=True)
class Word:
    """One person's word on one fruit. `defect`: how a damaged one is damaged, where it was said; `took_s` they took."""

    who: str
    label: str
    defect: str | None
    utc: datetime
    took_s: float | None


Words = Mapping[str, tuple[Word, ...]]
"""By track_id."""


def gather(entries: Iterable[Stamped]) -> Words:
    """The newest word of each person about each fruit; who took theirs back has none."""
    found: dict[str, dict[str, Word]] = {}
    for one in entries:
        event = one.entry
        if not isinstance(event, Event) or event.kind != "label" or event.about is None:
            continue
        who, said, label = event.who or "somebody", event.said, event.said.get("label")
        if not isinstance(label, str):
            found.get(event.about, {}).pop(who, None)
            continue
        defect, took_s = said.get("defect"), said.get("took_s")
        found.setdefault(event.about, {})[who] = Word(
            who,
            label,
            defect if isinstance(defect, str) else None,
            one.utc,
            float(took_s) if isinstance(took_s, int | float) else None,
        )
    return {track: tuple(words.values()) for track, words in found.items() if words}


def votes(words: Iterable[Word]) -> Mapping[str, int]:
    """How many people say what."""
    return Counter(word.label for word in words)


def agreed(words: Iterable[Word]) -> str | None:
    """What most say it was; None where nobody has spoken or as many say another thing."""
    most = Counter(word.label for word in words).most_common(2)
    if not most or (len(most) > 1 and most[0][1] == most[1][1]):
        return None
    return most[0][0]
