"""What a report is asked for, and what has to be known of a history before it is read for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edge.errors import UsageFault
from edge.ledger.entries import Event, Stamped
from plant.report.selection import BEGINNING, END, Selection, Span, instant, lots, shift
from plant.report.selection import lot as lot_of
from plant.report.words import Words, gather


@dataclass(frozen=True, slots=True)
class Asked:
    """As the command line has it."""

    shift: str | None = None
    lot: str | None = None
    bundle: str | None = None
    since: str | None = None
    until: str | None = None

    def check(self) -> None:
        """Raises UsageFault where it asks for nothing, or for two things."""
        given = [name for name in ("shift", "lot", "bundle") if getattr(self, name) is not None]
        if len(given) > 1:
            raise UsageFault(f"--{given[0]} and --{given[1]}: give one of them")
        if self.shift and (self.since or self.until):
            raise UsageFault("--shift says when already: leave --from and --to out, or give --lot NAME with them")
        if not given and not self.since:
            raise UsageFault("of what? give --shift WHEN, --lot NAME, --bundle ID, or --from TIME and --to TIME")

    def selection(
        self, zone: tzinfo, now: datetime, known: Mapping[str, Sequence[Span]], hours: Mapping[str, str]
    ) -> Selection:
        """`known`: the lots in the history; `hours`: the profile's shifts. Raises UsageFault."""
        if self.shift is not None:
            return shift(self.shift, zone, now, hours)
        since = instant(self.since, zone, "--from") if self.since else None
        until = instant(self.until, zone, "--to") if self.until else None
        given = (since or BEGINNING, until or END) if since or until else None
        if self.lot is not None:
            return lot_of(self.lot, known, given)
        spans = (given or (BEGINNING, END),)
        if self.bundle is not None:
            return Selection("bundle", self.bundle, spans, self.bundle)
        return Selection("span", f"{self.since} to {self.until or 'now'}", spans)


@dataclass(frozen=True, slots=True)
class Preface:
    """What people said of fruit, the lots, and the last profile's shifts and standards."""

    words: Words
    lots: Mapping[str, Sequence[Span]]
    shifts: Mapping[str, str]
    standards: Sequence[str]


def preface(entries: Iterator[Stamped]) -> Preface:
    """One reading."""
    events = [one for one in entries if isinstance(one.entry, Event) and one.entry.kind in ("label", "lot", "profile")]
    section: Mapping[str, Any] = {}
    for one in events:
        if isinstance(one.entry, Event) and one.entry.kind == "profile":
            held = one.entry.said.get("report")
            section = held if isinstance(held, dict) else {}
    return Preface(
        gather(events), lots(events), dict(section.get("shifts") or {}), list(section.get("standards") or ["us-no-1"])
    )


def place(zone: str | None) -> tzinfo:
    """The plant's time zone; this computer's where none is named. Raises UsageFault."""
    if zone is None:
        here = datetime.now().astimezone().tzinfo
        assert here is not None
        return here
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageFault(f"--zone {zone}: no such time zone here; give one as Europe/Rome") from None
