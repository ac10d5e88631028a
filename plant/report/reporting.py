"""A report as JSON, from what was gathered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from edge.audited.intervals import share_of
from edge.datapath import BELT_END
from plant.report.audited import Inspected, audit_told, even_sample, figure, hits, purity, settled
from plant.report.compliance import Count, Statement, state
from plant.report.gathering import Gathered
from plant.report.happenings import DRIFT, iso
from plant.report.people import people_told
from plant.report.standards import Limit, Standard
from plant.report.worth import audit_cost, money_told


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
        "audit": {**audit_told(found.drawn), "cost": audit_cost(found.drawn, plant)},
        "lots": {
            outlet: {name: statement.told() for name, statement in held.items()}
            for outlet, held in statements(found, standards).items()
        },
        "indicators": found.budgets.told(found.first or made, found.last or made),
        "people": people_told(found.judged),
        "money": money_told(found.drawn, plant, flow),
        "incidents": [spell.told() for spell in found.spells],
        "drift": [spell.told() for spell in found.spells if spell.code in DRIFT],
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
    sample = settled(even_sample(found.drawn, found.least_share))
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
                    sum(not one.words for one in of_it),
                )
                for name, rules in standards.items()
            }
    return made


def count(limit: Limit, sample: Sequence[Inspected], route: Mapping[str, str], outlet: str) -> Count:
    """How many of the sample count against a limit. Where people disagree, the least is what all say, the worst what
    one says; of what nobody has judged yet none at the least, and all at the worst."""
    held = [
        [limit.holds(word.label, word.defect, route.get(word.label, BELT_END) != outlet) for word in one.words]
        for one in sample
    ]
    return Count(
        sum(bool(one) and all(surely for surely, _ in one) for one in held),
        sum(not one or any(maybe for _, maybe in one) for one in held),
    )
