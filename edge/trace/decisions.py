"""From records to one Decision a fruit: its verdict waits for what its gate does, and until its pictures are on the
disk or are not to be, but not for ever."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from edge.datapath import BELT_END, GateClosed, Outcome, Track, Verdict
from edge.ledger.entries import Decision, LookNote

PENDING = 512
"""Fruit between verdict and gate at once: 16 lanes of 15 fruit/s, 2 s of belt."""
PICTURED_NS = 10_000_000_000
"""A fruit is told of without pictures if nobody knows of them so long after all else was known."""


@dataclass(slots=True)
class _Fruit:
    verdict: Verdict
    track: Track | None
    outcome: Outcome | None = None
    closed_at_ns: int | None = None
    known_ns: int | None = None


class Decisions:
    """One run's."""

    def __init__(self, kept: Callable[[str], int | None] = lambda track_id: 0) -> None:
        """`kept`: how many pictures of a track there are; None while that is open."""
        self._kept = kept
        self._tracks: OrderedDict[str, Track] = OrderedDict()
        self._fruit: OrderedDict[str, _Fruit] = OrderedDict()
        self._known: deque[_Fruit] = deque()
        """All of them but their pictures."""
        self._takes: dict[type, Callable[[Any], Iterator[_Fruit]]] = {
            Track: self._follow,
            Verdict: self._decide,
            Outcome: self._hear,
            GateClosed: self._close,
        }

    def take(self, record: object) -> list[Decision]:
        """The fruit of which all is known with this record."""
        if takes := self._takes.get(type(record)):
            self._known.extend(takes(record))
        return self._pictured()

    def wait(self, now_ns: int) -> list[Decision]:
        """The fruit whose pictures have been counted since, or were waited for too long."""
        told = self._pictured()
        for fruit in self._known:
            fruit.known_ns = now_ns if fruit.known_ns is None else fruit.known_ns
        while self._known and now_ns - (self._known[0].known_ns or now_ns) >= PICTURED_NS:
            told += [_told(self._known.popleft(), 0), *self._pictured()]
        return told

    def end(self) -> list[Decision]:
        """The run ends: nothing more will be known of those that wait."""
        self._known.extend(self._fruit.values())
        self._fruit.clear()
        left, self._known = self._known, deque()
        return [_told(fruit, self._kept(fruit.verdict.track_id) or 0) for fruit in left]

    def _pictured(self) -> list[Decision]:
        """In the order in which they came to be known: none waits for long, and pictures are kept in that of
        verdicts."""
        told = []
        while self._known and (count := self._kept(self._known[0].verdict.track_id)) is not None:
            told.append(_told(self._known.popleft(), count))
        return told

    def _follow(self, track: Track) -> Iterator[_Fruit]:
        self._tracks[track.track_id] = track
        if len(self._tracks) > PENDING:
            self._tracks.popitem(last=False)
        yield from ()

    def _decide(self, verdict: Verdict) -> Iterator[_Fruit]:
        fruit = _Fruit(verdict, self._tracks.pop(verdict.track_id, None))
        if verdict.outlet == BELT_END:
            yield fruit
            return
        self._fruit[verdict.track_id] = fruit
        if len(self._fruit) > PENDING:
            yield self._fruit.popitem(last=False)[1]

    def _hear(self, outcome: Outcome) -> Iterator[_Fruit]:
        track_id = outcome.pulse.track_id
        if fruit := self._fruit.get(track_id):
            fruit.outcome = outcome
            if outcome.result != "fired":
                yield self._fruit.pop(track_id)

    def _close(self, closed: GateClosed) -> Iterator[_Fruit]:
        for track_id in closed.tracks:
            if fruit := self._fruit.pop(track_id, None):
                fruit.closed_at_ns = closed.at_ns
                yield fruit


def _told(fruit: _Fruit, pictures: int) -> Decision:
    verdict, track, outcome = fruit.verdict, fruit.track, fruit.outcome
    drawn = verdict.audit
    return Decision(
        track_id=verdict.track_id,
        at_ns=verdict.decided_at_ns,
        lane=track.lane if track else -1,
        length_mm=track.length_mm if track else None,
        looks=tuple([LookNote(look.frame, look.sharpness, look.unknown_score, look.scores) for look in track.looks])
        if track
        else (),
        label=verdict.label,
        confidence=verdict.confidence,
        unknown_score=verdict.unknown_score,
        scores=verdict.scores,
        outlet=verdict.outlet,
        reason=verdict.reason,
        bundle=verdict.bundle,
        profile=verdict.profile,
        gate=outcome.pulse.gate if outcome else None,
        result=outcome.result if outcome else None,
        opened_at_ns=outcome.opened_at_ns if outcome else None,
        closed_at_ns=fruit.closed_at_ns,
        late_ns=outcome.late_ns if outcome else None,
        audit=drawn.chance if drawn else None,
        sorted_to=drawn.outlet if drawn else None,
        sorted_for=drawn.reason if drawn else None,
        pictures=pictures,
    )
