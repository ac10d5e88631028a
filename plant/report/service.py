"""From a ledger's entries to what the indicators count as good and bad; indicators.toml says each in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from edge.burning import is_overlong, judged
from edge.ledger.entries import Decision, Event, Stamped
from plant.report.audited import Inspected
from plant.report.budgets import MINUTE_S, Budgets, sorting
from plant.report.happenings import Spell

_CUT_OFF = timedelta(hours=1)
"""A run that did not say that it ended was cut off: until the next the line stood, but no longer than this."""


class Service:
    """Takes entries in order, of the plant as it then was. `last` is the last entry's time."""

    def __init__(self, budgets: Budgets) -> None:
        self._budgets = budgets
        self._runs: list[tuple[datetime, datetime]] = []
        self._cuts: list[tuple[datetime, datetime]] = []
        self._begun: datetime | None = None
        self.last: datetime | None = None

    def take(self, stamped: Stamped) -> None:
        """Any entry: what a run is."""
        entry, utc = stamped.entry, stamped.utc
        if isinstance(entry, Event) and entry.kind in ("run", "ended"):
            self._turn(utc, ended=entry.kind == "ended")
        self.last = max(self.last or utc, utc)

    def fruit(self, utc: datetime, decision: Decision, longest_ms: Mapping[str, float]) -> None:
        """Its pulse, and how long its gate was open."""
        if decision.result is not None:
            self._budgets.add("in_time", utc, 1.0, float(decision.result != "fired"))
        may = longest_ms.get(decision.gate or "")
        if decision.opened_at_ns is not None and decision.closed_at_ns is not None and may is not None:
            overlong = is_overlong(decision.opened_at_ns, decision.closed_at_ns, may)
            self._budgets.add("openings", utc, 1.0, float(overlong))

    def judged(self, one: Inspected, route: Mapping[str, str], worth: Mapping[str, Mapping[str, float]]) -> None:
        """A fruit of the audit."""
        for what, there, bad in judged(one.parts, one.outlet, route, worth):
            self._budgets.add(what, one.utc, there, bad)

    def close(self, spells: Sequence[Spell]) -> None:
        """Minutes of runs, once all is read."""
        if self.last is None:
            return
        self._turn(self.last, ended=True)
        stops = [(one.since, one.until or self.last) for one in spells if one.severity == "error"]
        for minute, well in sorting([*self._runs, *self._cuts], [*stops, *self._cuts]).items():
            self._budgets.add("sorting", datetime.fromtimestamp(minute * MINUTE_S, UTC), 1.0, float(not well))

    def _turn(self, utc: datetime, ended: bool) -> None:
        if self._begun is not None:
            until = utc if ended else self.last or utc
            self._runs.append((self._begun, until))
            if not ended:
                self._cuts.append((until, min(utc, until + _CUT_OFF)))
        self._begun = None if ended else utc
