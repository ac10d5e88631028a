"""A report from a machine's history, in one reading; what people said and which lots there were is known before."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from edge.audited.intervals import share_of
from edge.datapath import BELT_END
from edge.errors import UsageFault
from edge.ledger.entries import Decision, Stamped
from edge.sections import Money
from plant.report.audited import Inspected, audit_told, even_sample, figure, hits, inspected, purity
from plant.report.compliance import Count, Statement, state
from plant.report.flow import Flow
from plant.report.happenings import Happenings, Spell, iso
from plant.report.people import people_told
from plant.report.selection import Selection
from plant.report.standards import DAMAGED, Limit, Standard
from plant.report.words import Word, Words
from plant.report.worth import money_told

Entries = Callable[[], Iterator[Stamped]]
"""A history from its beginning, as often as it is asked."""


@dataclass(slots=True)
class Plant:
    """What the history's own profile says: the last one that was in force in what is reported."""

    site: str = ""
    machine: str = ""
    route: Mapping[str, str] = field(default_factory=dict)
    money: Money = field(default_factory=Money)

    @property
    def good(self) -> frozenset[str]:
        """The outlets of sound labels."""
        return frozenset(out for label, out in self.route.items() if label != DAMAGED and out != BELT_END)

    def read(self, said: Mapping[str, Any]) -> None:
        """From a profile event; the profile itself, or under the key `profile`."""
        inner = said.get("profile")
        profile = inner if isinstance(inner, Mapping) else said
        self.site, self.machine = str(profile.get("site", "")), str(profile.get("machine", ""))
        self.route = dict(profile.get("route") or {})
        try:
            self.money = Money.model_validate_json(json.dumps(profile.get("money") or {}))
        except ValidationError:
            raise UsageFault(f"the history's profile of {self.machine}: [money] is not one of this version") from None


@dataclass(slots=True)
class Gathered:
    """All that a report is made of. `judged`: of every fruit of which people spoke, what the machine had said."""

    selection: Selection
    flow: Flow
    happenings: Happenings
    plant: Plant
    drawn: list[Inspected]
    judged: list[tuple[str, tuple[Word, ...]]]
    events: int = 0
    spells: Sequence[Spell] = ()


def gather(entries: Entries, selection: Selection, words: Words) -> Gathered:
    """One reading. Raises UsageFault where nothing of the selection is in the history."""
    found = Gathered(selection, Flow(), Happenings(), Plant(), [], [])
    for stamped in entries():
        entry = stamped.entry
        if isinstance(entry, Decision):
            if selection.holds(stamped.utc, entry):
                _fruit(found, stamped.utc, entry, words.get(entry.track_id, ()))
            continue
        is_within = selection.holds(stamped.utc)
        found.events += is_within
        if entry.kind == "profile" and (is_within or not found.flow.fruit):
            found.plant.read(entry.said)
        found.happenings.take(stamped, is_within)
    if not found.flow.fruit and not found.events:
        raise UsageFault(
            f"nothing in the history of {selection.kind} {selection.title}; sorter report --help tells more"
        )
    found.spells = [one for one in found.happenings.closed() if _touches(selection, one)]
    return found


def _fruit(found: Gathered, utc: datetime, decision: Decision, words: tuple[Word, ...]) -> None:
    found.flow.take(utc, decision)
    if decision.audit is not None:
        found.drawn.append(inspected(utc, decision, words, found.plant.route))
    if words:
        found.judged.append((decision.label, words))


def _touches(selection: Selection, spell: Spell) -> bool:
    return any(spell.since < until and (spell.until is None or spell.until > since) for since, until in selection.spans)


def told(found: Gathered, standards: Mapping[str, Standard], made: datetime) -> dict[str, Any]:
    """The report as JSON."""
    plant, flow = found.plant, found.flow
    through = flow.told(plant.good, plant.money.fruit_kg)
    asked = found.selection
    return {
        "format": 1,
        "of": {
            "kind": asked.kind,
            "title": asked.title,
            "spans_utc": [[iso(since), iso(until)] for since, until in asked.spans],
            "site": plant.site,
            "machine": plant.machine,
            "bundles": dict(flow.bundles.most_common()),
            "profiles": dict(flow.profiles.most_common()),
        },
        "made_utc": iso(made),
        **through,
        "outlets": _outlets(found),
        "right": figure(share_of(hits(found.drawn, plant.route))),
        "audit": audit_told(found.drawn, plant.money.worth),
        "lots": {
            outlet: {name: statement.told() for name, statement in held.items()}
            for outlet, held in statements(found, standards).items()
        },
        "people": people_told(found.judged),
        "money": money_told(found.drawn, plant.money, plant.route, through["throughput"]["per_hour"]),
        "incidents": [spell.told() for spell in found.spells],
        "drift": found.happenings.drift(),
        "changes": found.happenings.changes(),
        "timeline": [{"utc": iso(at), "minutes": minutes, "outlets": dict(row)} for at, minutes, row in flow.bars()],
    }


def _outlets(found: Gathered) -> dict[str, Any]:
    pure = purity(found.drawn, found.plant.route, found.flow.intended)
    names = [*dict.fromkeys(found.plant.route.values()), BELT_END]
    return {
        name: {**pure.get(name, {"fruit": 0}), "landed": found.flow.outlets[name]}
        for name in dict.fromkeys([*names, *found.flow.outlets])
    }


def statements(found: Gathered, standards: Mapping[str, Standard]) -> dict[str, dict[str, Statement]]:
    """Each outlet of sound fruit held to each standard, from what was inspected of it."""
    sample = [one for one in even_sample(found.drawn) if one.words]
    route = found.plant.route
    made: dict[str, dict[str, Statement]] = {}
    for outlet in sorted(found.plant.good):
        of_it, fruit = [one for one in sample if one.outlet == outlet], found.flow.intended[outlet]
        if fruit:
            made[outlet] = {
                name: state(
                    rules,
                    fruit,
                    len(of_it),
                    {key: count(limit, of_it, route, outlet) for key, limit in rules.limits.items()},
                )
                for name, rules in standards.items()
            }
    return made


def count(limit: Limit, sample: Sequence[Inspected], route: Mapping[str, str], outlet: str) -> Count:
    """How many of the sample count against a limit. Where people disagree, the least is what all say, the worst what
    one says."""
    held = [
        [limit.holds(word.label, word.defect, route.get(word.label, BELT_END) != outlet) for word in one.words]
        for one in sample
    ]
    return Count(
        sum(all(surely for surely, _ in one) for one in held), sum(any(maybe for _, maybe in one) for one in held)
    )
