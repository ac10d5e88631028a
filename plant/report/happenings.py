"""What happened beside the fruit: incidents as spans, drift among them, and what was changed by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from edge import incidents_audit, incidents_drift
from edge.incidents import CATALOGUE
from edge.ledger.entries import Event, Stamped

CHANGES = (
    "run",
    "profile",
    "changed",
    "bundle",
    "adopted",
    "release",
    "waiver",
    "command",
    "lot",
    "audit_rate",
    "cut",
    "lost",
    "note",
)
"""Kinds of events that change something, or say that the history has a hole."""

DRIFT = frozenset(entry.code for entry in (*incidents_drift.ENTRIES, *incidents_audit.ENTRIES))
"""Incidents that say that grading is no longer what it was."""

_CARRIED = ("profile", "bundle", "release")
_MOST = 200


@dataclass(frozen=True, slots=True)
class Spell:
    """An incident from its word to its end; `until` is None where it has none in the history. `run_id`: whose it is."""

    code: str
    severity: str
    since: datetime
    until: datetime | None
    text: str

    def told(self) -> dict[str, Any]:
        """As JSON has it."""
        entry = CATALOGUE.get(self.code)
        return {
            "code": self.code,
            "severity": self.severity,
            "from_utc": iso(self.since),
            "to_utc": iso(self.until) if self.until else None,
            "seconds": round((self.until - self.since).total_seconds(), 1) if self.until else None,
            "what": self.text,
            "remedy": entry.remedy if entry else None,
        }


class Happenings:
    """Takes entries in order."""

    def __init__(self) -> None:
        self.spells: list[Spell] = []
        self._open: dict[str, Stamped] = {}
        self._changes: list[Stamped] = []
        self._said: dict[str, tuple[str | None, ...]] = {}

    def take(self, stamped: Stamped, is_within: bool) -> None:
        """One entry; incidents that began before what is reported matter too, where they go on in it."""
        event = stamped.entry
        if not isinstance(event, Event):
            return
        if event.kind == "incident":
            self._incident(stamped, event)
        elif event.kind in ("run", "ended"):
            self._end_all(stamped.utc)
        if is_within and event.kind in CHANGES and not self._repeats(event):
            self._changes.append(stamped)

    def closed(self) -> Sequence[Spell]:
        """All spells, those still open too, in order. Call it once, at the end."""
        for code in list(self._open):
            self._end(code, None)
        self.spells.sort(key=lambda spell: spell.since)
        return self.spells

    def changes(self) -> list[dict[str, Any]]:
        """Who changed what, and why."""
        return [_line(one) for one in self._changes[-_MOST:]]

    def _repeats(self, event: Event) -> bool:
        """Each segment of a ledger begins with what it takes to understand it."""
        said = (event.about, event.who, event.why)
        is_old = event.kind in _CARRIED and self._said.get(event.kind) == said
        self._said[event.kind] = said
        return is_old

    def _incident(self, stamped: Stamped, event: Event) -> None:
        code = event.about or str(event.said.get("code", ""))
        if event.said.get("state", "raised") == "raised":
            self._open.setdefault(code, stamped)
        elif code in self._open:
            self._end(code, stamped.utc)

    def _end_all(self, utc: datetime) -> None:
        """Another run knows nothing of the one before."""
        for code in list(self._open):
            self._end(code, utc)

    def _end(self, code: str, until: datetime | None) -> None:
        begun = self._open.pop(code)
        said = begun.entry.said if isinstance(begun.entry, Event) else {}
        entry = CATALOGUE.get(code)
        self.spells.append(Spell(code, entry.severity if entry else "warning", begun.utc, until, _text(code, said)))


def _text(code: str, said: Mapping[str, Any]) -> str:
    entry = CATALOGUE.get(code)
    if entry is None:
        return code
    figures = said.get("figures")
    try:
        return entry.say(figures if isinstance(figures, Mapping) else said, over=True)
    except (KeyError, ValueError, TypeError):
        return code.replace("_", " ")


def _line(stamped: Stamped) -> dict[str, Any]:
    event = stamped.entry
    assert isinstance(event, Event)
    short = {key: value for key, value in event.said.items() if isinstance(value, str | int | float | bool)}
    return {
        "utc": iso(stamped.utc),
        "kind": event.kind,
        "who": event.who,
        "about": event.about,
        "why": event.why,
        "said": short,
    }


def iso(utc: datetime) -> str:
    return utc.isoformat(timespec="seconds").replace("+00:00", "Z")
