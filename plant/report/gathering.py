"""One reading of a machine's history for a report; what people said and which lots there were is known before."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edge.audited.estimate import called
from edge.errors import UsageFault
from edge.indicators import Agreed, agreed
from edge.inspection import INSPECTED
from edge.ledger.entries import Decision, Stamped
from plant.report.audited import Inspected, inspected
from plant.report.budgets import Budgets
from plant.report.flow import Flow
from plant.report.happenings import Happenings, Spell
from plant.report.people import Judged
from plant.report.selection import Selection
from plant.report.service import Service
from plant.report.setting import Setting, setting
from plant.report.words import Words

_BEHIND = timedelta(minutes=10)
"""A fruit is written once its outcome is known: so much later at the most."""

Entries = Callable[[], Iterator[Stamped]]
"""A history from its beginning, as often as it is asked."""


@dataclass(slots=True)
class Gathered:
    """All that a report is made of. `plant`: as it was at the end of what is reported; `judged`: every fruit of
    which people spoke; `first`, `last`: of the instants reported, where there are any; `least_share`: the
    lowest by which fruit of it could be drawn."""

    selection: Selection
    words: Words
    budgets: Budgets
    flow: Flow = field(default_factory=Flow)
    happenings: Happenings = field(default_factory=Happenings)
    plant: Setting = field(default_factory=Setting)
    drawn: list[Inspected] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)
    spells: Sequence[Spell] = ()
    least_share: float = 1.0
    events: int = 0
    first: datetime | None = None
    last: datetime | None = None


def gather(entries: Entries, selection: Selection, words: Words, what: Agreed | None = None) -> Gathered:
    """Raises UsageFault where nothing of the selection is in the history. `what` is agreed: what ships without."""
    found = Gathered(selection, words, Budgets(what or agreed()))
    service, until = Service(found.budgets), max(end for _, end in selection.spans)
    now_set = found.plant
    for stamped in _before(until, entries()):
        service.take(stamped)
        entry, is_within = stamped.entry, selection.holds(stamped.utc)
        if isinstance(entry, Decision):
            _fruit(found, service, stamped.utc, entry, now_set)
            continue
        if entry.kind == "profile":
            now_set = setting(entry.said)
        elif entry.kind == "audit_rate":
            now_set.share = float(str(entry.said["share"]))
        if is_within:
            _extend(found, stamped.utc)
            found.events += 1
        if entry.kind == "profile" and (is_within or not found.flow.fruit):
            found.plant = now_set
        found.happenings.take(stamped, is_within)
    if not found.flow.fruit and not found.events:
        raise UsageFault(
            f"nothing in the history of {selection.kind} {selection.title}; sorter report --help tells more"
        )
    spells = found.happenings.closed()
    service.close(spells)
    found.spells = [one for one in spells if _touches(selection, one)]
    return found


def _before(until: datetime, entries: Iterator[Stamped]) -> Iterator[Stamped]:
    """As far as it is worth reading."""
    for stamped in entries:
        if stamped.utc < until:
            yield stamped
        elif stamped.utc - _BEHIND >= until:
            return


def _fruit(found: Gathered, service: Service, utc: datetime, decision: Decision, plant: Setting) -> None:
    """Of a fruit that is not reported only what burns the budgets, which look further back."""
    words = found.words.get(decision.track_id, ())
    is_asked = found.selection.holds(utc, decision)
    service.fruit(utc, decision, plant.longest_ms)
    one = None if decision.audit is None else inspected(utc, decision, words, plant.route)
    if one is not None:
        service.judged(one, plant.route, plant.money.worth)
        if is_asked:
            found.drawn.append(one)
    if is_asked:
        found.flow.take(utc, decision)
        if one is not None or decision.reason in INSPECTED:
            found.least_share = min(found.least_share, plant.share)
        _extend(found, utc)
        if words:
            as_ = one.called if one else called(decision.label, decision.reason)
            found.judged.append(Judged(decision.label, as_, decision.audit, words))


def _extend(found: Gathered, utc: datetime) -> None:
    found.first = min(found.first or utc, utc)
    found.last = max(found.last or utc, utc)


def _touches(selection: Selection, spell: Spell) -> bool:
    return any(spell.since < until and (spell.until is None or spell.until > since) for since, until in selection.spans)
