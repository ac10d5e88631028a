"""Entries to lines of JSON and back. A decision is an array, in which a probability is an integer of ten-thousandths:
that is what a fruit costs on the disk."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from edge.ledger.entries import Decision, Entry, Event, LookNote

_DECISION, _EVENT = "d", "e"
_PARTS = 10_000


def pack(entry: Entry) -> bytes:
    """One line, without its end. Raises TypeError or ValueError for an event that says what JSON does not hold."""
    fields = _decision(entry) if isinstance(entry, Decision) else _event(entry)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def unpack(line: bytes) -> Entry:
    """Raises ValueError where it is none."""
    try:
        kind, *fields = json.loads(line)
        if kind == _DECISION:
            return _unpack_decision(fields)
        if kind == _EVENT:
            return Event(*fields)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"not an entry of a ledger: {error}") from None
    raise ValueError(f"not an entry of a ledger: of a kind {str(kind)[:20]!r} that this version does not know")


def _event(event: Event) -> list[Any]:
    return [_EVENT, event.at_ns, event.kind, event.who, event.why, event.about, dict(event.said)]


def _decision(it: Decision) -> list[Any]:
    """The edges count from `at_ns`: a few digits less."""
    return [
        *(_DECISION, it.track_id, it.at_ns, it.lane, None if it.length_mm is None else round(it.length_mm, 1)),
        *(it.label, _part(it.confidence), _part(it.unknown_score), [_part(p) for p in it.scores]),
        *(it.outlet, it.reason, it.bundle, it.profile, it.gate, it.result),
        *(_since(it.opened_at_ns, it.at_ns), _since(it.closed_at_ns, it.at_ns), it.late_ns),
        *(it.audit, it.sorted_to, it.sorted_for, it.pictures, [_look(look) for look in it.looks]),
    ]


def _look(look: LookNote) -> list[Any]:
    return [look.frame, float(f"{look.sharpness:.4g}"), _part(look.unknown), *map(_part, look.scores)]


def _unpack_decision(fields: Sequence[Any]) -> Decision:
    track_id, at_ns, lane, length_mm, label, confidence, unknown, scores = fields[:8]
    outlet, reason, bundle, profile, gate, result = fields[8:14]
    opened, closed, late_ns, audit, sorted_to, sorted_for, pictures, looks = fields[14:]
    return Decision(
        *(track_id, at_ns, lane, length_mm),
        tuple(LookNote(frame, sharp, strange / _PARTS, _shares(rest)) for frame, sharp, strange, *rest in looks),
        *(label, confidence / _PARTS, unknown / _PARTS, _shares(scores)),
        *(outlet, reason, bundle, profile, gate, result),
        *(None if opened is None else at_ns + opened, None if closed is None else at_ns + closed, late_ns),
        *(audit, sorted_to, sorted_for, pictures),
    )


def _part(probability: float) -> int:
    return round(probability * _PARTS)


def _shares(parts: Sequence[int]) -> tuple[float, ...]:
    return tuple(part / _PARTS for part in parts)


def _since(instant_ns: int | None, at_ns: int) -> int | None:
    return None if instant_ns is None else instant_ns - at_ns
