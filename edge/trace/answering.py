"""What is told of the kept pictures to who asks: what to judge next, and a fruit's pictures in parts."""

from __future__ import annotations

import hashlib
import statistics
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from edge.config import Profile
from edge.kept import Answered, Asked, AskedList, AskedPictures, Chunk, Item, Kept, Listed, Person, streamed
from edge.trace.album import Album, Entry
from edge.trace.asking import Ranked, rank, stakes

CHUNK = 30_000
"""Bytes of pictures in one message: 40,000 characters."""

_CHOSEN_FROM = 200
"""Of the newest that wait so many are weighed: what is asked must be answered soon."""

_LATELY = 50
_OTHER_OPINIONS = 5
"""One fruit in so many is given to a second person, so that it is known how far people agree; and one in so many of
those to a third, so that each can be held to what two others say."""


def answer(asked: Asked, album: Album, profile: Profile) -> Answered:
    """Reads the disk."""
    return _chunk(asked, album) if isinstance(asked, AskedPictures) else _listed(asked, album, profile)


def people(entries: Iterable[Entry]) -> dict[str, Person]:
    """What each user has judged of what is kept."""
    seconds: dict[str, list[float]] = {}
    judged: dict[str, list[int]] = {}
    for entry in entries:
        for user, word in entry.judges.items():
            others = [other.label for name, other in entry.judges.items() if name != user]
            own = judged.setdefault(user, [0, 0, 0])
            own[0] += 1
            own[1] += bool(others)
            own[2] += word.label in others
            if word.seconds is not None:
                seconds.setdefault(user, []).append(word.seconds)
    return {
        user: Person(n, round(statistics.median(seconds[user]), 2) if user in seconds else None, shared, agreed)
        for user, (n, shared, agreed) in judged.items()
    }


def _listed(asked: AskedList, album: Album, profile: Profile) -> Listed:
    held = album.held.values()
    waiting = [entry for entry in held if not entry.judges]
    if asked.judged:
        return Listed(asked, tuple(_judged(asked, album)), len(waiting), people(held))
    others = [entry for entry in held if _wants_another(entry, asked.user)]
    judged = sorted((entry for entry in held if entry.judges), key=lambda entry: entry.at_utc)
    lately = _glances(album, judged[-_LATELY:])
    ranked = rank(_glances(album, _chosen(waiting)), lately, asked.most, stakes(profile))
    again = [Ranked(kept, "for another opinion") for kept in _glances(album, others[-_LATELY:])]
    items = tuple(_item(one) for one in _woven(ranked, again)[: asked.most])
    return Listed(asked, items, len(waiting), people(held))


def _judged(asked: AskedList, album: Album) -> Iterator[Item]:
    ordered = sorted((entry.at_utc, entry.track_id) for entry in album.held.values() if entry.judges)
    last = album.held.get(asked.after) if asked.after else None
    begin = bisect_right(ordered, (last.at_utc, last.track_id)) if last else 0
    for _, track_id in ordered[begin : begin + asked.most]:
        entry = album.held[track_id]
        yield Item(track_id, entry.why, entry.at_utc, entry.bytes, f"judged by {', '.join(sorted(entry.judges))}")


def _woven(ranked: list[Ranked], again: list[Ranked]) -> list[Ranked]:
    """Every fifth is for another opinion, as long as there are any."""
    woven: list[Ranked] = []
    for n, one in enumerate(ranked):
        if again and n % _OTHER_OPINIONS == _OTHER_OPINIONS - 1:
            woven.append(again.pop())
        woven.append(one)
    return woven + again


def _item(one: Ranked) -> Item:
    kept = one.kept
    return Item(kept.track_id, kept.why, kept.at_utc, sum(shot.bytes for shot in kept.shots), one.because)


def _glances(album: Album, entries: Iterable[Entry]) -> list[Kept]:
    return [kept for entry in entries if (kept := album.glance(entry.track_id))]


def _chosen(waiting: list[Entry]) -> list[Entry]:
    """All that is flagged or audited counts, of the rest the newest; the oldest first."""
    ordered = sorted(waiting, key=lambda entry: entry.at_utc)
    asked = [entry for entry in ordered if entry.why in ("flagged", "audited")][:_CHOSEN_FROM]
    return asked + [entry for entry in ordered if entry.why not in ("flagged", "audited")][-_CHOSEN_FROM:]


def _wants_another(entry: Entry, user: str) -> bool:
    """What people said of it so far has no part in it: else those who agree would be asked about less, or more."""
    if user in entry.judges or not 1 <= len(entry.judges) <= 2:
        return False
    draw = hashlib.sha256(entry.track_id.encode()).digest()
    return all(byte % _OTHER_OPINIONS == 0 for byte in draw[: len(entry.judges)])


def _chunk(asked: AskedPictures, album: Album) -> Chunk:
    found = album.read(asked.track_id)
    if found is None:
        return Chunk(asked, asked.offset, 0, "", b"")
    stream = streamed(*found)
    part = stream[asked.offset : asked.offset + CHUNK]
    return Chunk(asked, asked.offset, len(stream), hashlib.sha256(stream).hexdigest(), part)
