"""What a report is of: a shift, a lot, a bundle or a time span, as instants and a rule that holds fruit or not.

A lot begins where somebody says so at the feed (the command `lot`, an event of that kind) and ends where the next one
begins, or with an empty name; a name that comes again is the same lot gone on with. Without that, a lot is a time span
that is given a name. The fruit of a lot are those that were decided while it was on: what lay between feed and camera
when the word was given still counts to the lot before.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Literal

from edge.errors import UsageFault
from edge.ledger.entries import Decision, Event, Stamped

Kind = Literal["shift", "lot", "bundle", "span"]
Span = tuple[datetime, datetime]
"""From, and up to but without."""

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
END = datetime(9999, 1, 1, tzinfo=UTC)

_HOURS = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24):([0-5]\d)$")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Selection:
    """`spans` in order; `bundle`: `name@digest` or the beginning of it, None for any."""

    kind: Kind
    title: str
    spans: tuple[Span, ...]
    bundle: str | None = None

    def holds(self, utc: datetime, decision: Decision | None = None) -> bool:
        """Whether an instant, or the fruit decided then, belongs to it."""
        if decision is not None and self.bundle is not None and not decision.bundle.startswith(self.bundle):
            return False
        return any(since <= utc < until for since, until in self.spans)


def shift(when: str, zone: tzinfo, now: datetime, hours: Mapping[str, str]) -> Selection:
    """`today`, `yesterday` or a date; with `/NAME` or `/06:00-14:00` the part of that day. Raises UsageFault."""
    day_word, _, part = when.partition("/")
    today = now.astimezone(zone).date()
    try:
        day = {"today": today, "yesterday": today - _DAY}.get(day_word) or date.fromisoformat(day_word)
    except ValueError:
        raise UsageFault(
            f"--shift {when}: must be today, yesterday or a date as 2026-03-31, /NAME or /06:00-14:00 after it"
        ) from None
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
    if not part:
        return Selection("shift", f"{day.isoformat()}", ((midnight, _midnight(day + _DAY, zone)),))
    told = hours.get(part, part)
    found = _HOURS.match(told)
    if found is None:
        known = ", ".join(hours) or "none named in [report.shifts] of the profile"
        raise UsageFault(f"--shift {when}: no shift {part}: give one of {known}, or hours as 06:00-14:00")
    since, until = (_at(day, int(found[n]), int(found[n + 1]), zone) for n in (1, 3))
    if until <= since:
        until = _at(day + _DAY, int(found[3]), int(found[4]), zone)
    name = f"{part}, {told}" if part in hours else told
    return Selection("shift", f"{day.isoformat()} {name}", ((since, until),))


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _at(day: date, hour: int, minute: int, zone: tzinfo) -> datetime:
    """24:00 is the next day's midnight."""
    return (
        _midnight(day + _DAY, zone) if hour == 24 else datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone)
    )


def instant(said: str, zone: tzinfo, option: str) -> datetime:
    """An ISO instant; the plant's own time where it names no zone. Raises UsageFault."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        raise UsageFault(f"{option} {said}: must be an instant as 2026-03-31T06:00") from None
    return found if found.tzinfo else found.replace(tzinfo=zone)


def lots(entries: Iterable[Stamped]) -> dict[str, list[Span]]:
    """Every lot's spans, in order."""
    found: dict[str, list[Span]] = {}
    name, since = "", BEGINNING
    for one in entries:
        if isinstance(one.entry, Event) and one.entry.kind == "lot":
            if name:
                found.setdefault(name, []).append((since, one.utc))
            name, since = str(one.entry.said.get("lot") or ""), one.utc
    if name:
        found.setdefault(name, []).append((since, END))
    return found


def lot(name: str, known: Mapping[str, Sequence[Span]], given: Span | None) -> Selection:
    """A lot by the name given at the feed, or the span that bears it. Raises UsageFault."""
    if given is not None:
        return Selection("lot", name, (given,))
    if name not in known:
        last = ", ".join(list(known)[-5:])
        told = f"the last are {last}" if last else "none was named at the feed"
        raise UsageFault(f"--lot {name}: not in the history: {told}; or say --from and --to")
    return Selection("lot", name, tuple(known[name]))
