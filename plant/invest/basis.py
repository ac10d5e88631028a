"""What an investment is judged by, from a ledger: how much fruit comes when, what the audit showed of where it goes,
and which fruit went to the belt's end for want of time, room or speed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from statistics import fmean

from edge.datapath import BELT_END
from edge.errors import UsageFault
from edge.ledger.entries import Decision, Stamped
from plant.report.audited import Inspected, inspected
from plant.report.setting import Setting, setting
from plant.report.words import Words

SPELL_S = 10
"""Fruit that are shed are counted by spells of so many seconds: less than a computer makes up for by waiting."""
GAP_MS = 1_000
"""Gaps between neighbours are counted up to this."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A fruit of the audit, and how sharp its looks were."""

    fruit: Inspected
    sharpness: float | None


@dataclass(slots=True)
class Basis:
    """Aggregates of a history; memory grows with its minutes and its audit. `days`: fruit by day; `reasons`: why fruit
    went where they went; `missed`: pulses refused; `shed`: fruit shed in each spell of SPELL_S; `passed` and
    `crowded`: fruit that got their gate and that did not for their neighbours, by the gap to the nearer one, ms."""

    plant: Setting = field(default_factory=Setting)
    days: Counter[date] = field(default_factory=Counter)
    minutes: set[int] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    at_end: int = 0
    shed: Counter[int] = field(default_factory=Counter)
    passed: Counter[int] = field(default_factory=Counter)
    crowded: Counter[int] = field(default_factory=Counter)
    seen: list[Seen] = field(default_factory=list)

    @property
    def fruit(self) -> int:
        return self.days.total()

    @property
    def hours(self) -> float:
        """In which fruit came."""
        return len(self.minutes) / 60

    @property
    def judged(self) -> list[Seen]:
        """Of which people spoke."""
        return [one for one in self.seen if one.fruit.words]


def basis(entries: Iterable[Stamped], words: Words, since: datetime | None = None) -> Basis:
    """One reading, of the fruit from an instant on. Raises UsageFault where there is too little to go by."""
    found = Basis()
    gaps = _Gaps(found)
    for stamped in entries:
        entry = stamped.entry
        if isinstance(entry, Decision):
            if since is not None and stamped.utc < since:
                continue
            _fruit(found, stamped.utc, entry, words)
            gaps.take(entry)
        elif entry.kind == "profile":
            found.plant = setting(entry.said)
    if not found.fruit:
        raise UsageFault("the history holds no fruit: there is nothing to invest by")
    if not found.plant.money.worth:
        raise UsageFault("the history's profile has no [money.worth]: say there what a fruit of each grade is worth")
    if not found.judged:
        raise UsageFault("nobody has judged an audited fruit: set [audit] share, and let people say what they are")
    return found


def _fruit(found: Basis, utc: datetime, decision: Decision, words: Words) -> None:
    minute = int(utc.timestamp()) // 60
    found.days[utc.date()] += 1
    found.minutes.add(minute)
    found.reasons[decision.reason] += 1
    found.missed += decision.result in ("late", "refused")
    found.shed[int(utc.timestamp()) // SPELL_S] += decision.reason == "shed"
    if decision.audit is None:
        found.at_end += decision.outlet == BELT_END or decision.result in ("late", "refused")
    else:
        found.at_end += decision.sorted_to == BELT_END
        sharp = fmean(look.sharpness for look in decision.looks) if decision.looks else None
        one = inspected(utc, decision, words.get(decision.track_id, ()), found.plant.route)
        found.seen.append(Seen(one, sharp))


class _Gaps:
    """The gap of each fruit to the nearer of its neighbours in the lane, by when they were decided: each is decided as
    it leaves the picture."""

    def __init__(self, found: Basis) -> None:
        self._found = found
        self._last: dict[int, tuple[Decision, float]] = {}

    def take(self, decision: Decision) -> None:
        before = self._last.get(decision.lane)
        gap_ms = (decision.at_ns - before[0].at_ns) / 1e6 if before else float(GAP_MS)
        if gap_ms < 0:
            gap_ms = float(GAP_MS)  # another run, another clock
        if before:
            self._count(before[0], min(before[1], gap_ms))
        self._last[decision.lane] = (decision, gap_ms)

    def _count(self, decision: Decision, gap_ms: float) -> None:
        place = min(GAP_MS, int(gap_ms))
        if decision.reason == "crowded":
            self._found.crowded[place] += 1
        elif decision.outlet != BELT_END:
            self._found.passed[place] += 1
