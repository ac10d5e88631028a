"""From records to one Decision a fruit: its verdict waits for what its gate does, but not for ever."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from edge.datapath import BELT_END, GateClosed, Outcome, Track, Verdict
from edge.ledger.entries import Decision, LookNote

PENDING = 512
"""Fruit between verdict and gate at once: 16 lanes of 15 fruit/s, 2 s of belt."""


@dataclass(slots=True)
class _Fruit:
    verdict: Verdict
    track: Track | None
    outcome: Outcome | None = None
    closed_at_ns: int | None = None


class Decisions:
    """One run's."""

    def __init__(self, kept: Callable[[str], int] = lambda track_id: 0) -> None:
        """`kept`: how many pictures of a track there are."""
        self._kept = kept
        self._tracks: OrderedDict[str, Track] = OrderedDict()
        self._fruit: OrderedDict[str, _Fruit] = OrderedDict()
        self._takes: dict[type, Callable[[Any], Iterator[Decision]]] = {
            Track: self._follow,
            Verdict: self._decide,
            Outcome: self._hear,
            GateClosed: self._close,
        }

    def take(self, record: object) -> list[Decision]:
        """The fruit of which all is known with this record."""
        takes = self._takes.get(type(record))
        return list(takes(record)) if takes else []

    def end(self) -> list[Decision]:
        """The run ends: nothing more will be known of those that wait."""
        return [self._told(self._fruit.popitem(last=False)[1]) for _ in range(len(self._fruit))]

    def _follow(self, track: Track) -> Iterator[Decision]:
        self._tracks[track.track_id] = track
        if len(self._tracks) > PENDING:
            self._tracks.popitem(last=False)
        yield from ()

    def _decide(self, verdict: Verdict) -> Iterator[Decision]:
        fruit = _Fruit(verdict, self._tracks.pop(verdict.track_id, None))
        if verdict.outlet == BELT_END:
            yield self._told(fruit)
            return
        self._fruit[verdict.track_id] = fruit
        if len(self._fruit) > PENDING:
            yield self._told(self._fruit.popitem(last=False)[1])

    def _hear(self, outcome: Outcome) -> Iterator[Decision]:
        track_id = outcome.pulse.track_id
        if fruit := self._fruit.get(track_id):
            fruit.outcome = outcome
            if outcome.result != "fired":
                yield self._told(self._fruit.pop(track_id))

    def _close(self, closed: GateClosed) -> Iterator[Decision]:
        for track_id in closed.tracks:
            if fruit := self._fruit.pop(track_id, None):
                fruit.closed_at_ns = closed.at_ns
                yield self._told(fruit)

    def _told(self, fruit: _Fruit) -> Decision:
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
            pictures=self._kept(verdict.track_id),
        )
