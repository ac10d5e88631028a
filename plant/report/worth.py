"""Money: what all fruit brought, the machine's cost and the audit's taken off, beside people alone.

A fruit's worth is the profile's, by what people said it was and the outlet it was sent to. Fruit that did not get there
count as at the belt's end: those without an answer (shed, crowded and the like), whose grades are taken to be those of
the others, those whose gate was late, and those drawn for the audit. What has no worth in the profile brings nothing.
The interval is the middle 95 % over posteriors of what goes where: Dirichlet with Perks' prior, one fruit spread evenly
over all cells, so that an error which the sample happens not to hold is not taken for impossible. The sample counts by
its effective size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.datapath import BELT_END
from edge.sections import Money
from plant.report.audited import Inspected, Route
from plant.report.flow import Flow
from plant.report.setting import Setting

DRAWS = 2_000
Cells = Mapping[tuple[str, str], float]
"""By truth and outlet."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a sample stands for: the fruit that have a worth, scaled to its effective size; that size; and the share of
    all judged fruit that they are."""

    cells: Cells
    size: float
    priced: float


def weigh(drawn: Sequence[Inspected], money: Money) -> Weighed:
    """Each fruit by the chance that it was drawn with."""
    found: dict[tuple[str, str], float] = {}
    total = squares = others = 0.0
    for one in drawn:
        for truth, part in one.parts:
            weight = part / one.chance
            if one.outlet in money.worth.get(truth, ()):
                found[truth, one.outlet] = found.get((truth, one.outlet), 0.0) + weight
                total, squares = total + weight, squares + weight * weight / part
            else:
                others += weight
    size = total * total / squares if squares else 0.0
    cells = {cell: weight * size / total for cell, weight in found.items()}
    return Weighed(cells, size, total / (total + others) if total else 0.0)


def posterior(
    cells: Cells, money: Money, seed: int = 0, draws: int = DRAWS
) -> tuple[list[tuple[str, str]], NDArray[np.float64]]:
    """The cells of the profile's worth, and draws (draws, cells) of the share of fruit in each."""
    names = [(truth, outlet) for truth, row in money.worth.items() for outlet in row]
    held = np.array([cells.get(name, 0.0) for name in names]) + 1 / len(names)
    return names, np.random.default_rng(seed).dirichlet(held, draws)


def money_told(drawn: Sequence[Inspected], plant: Setting, flow: Flow) -> dict[str, Any] | None:
    """What a fruit of `flow` brings by the machine, by people alone and if all went right, and an hour at the
    throughput seen; None where the profile has no worth or nobody has judged a fruit of `drawn`."""
    money = plant.money
    known = weigh(drawn, money)
    if not known.cells:
        return None
    names, shares = posterior(known.cells, money)
    seen = np.array([known.cells.get(name, 0.0) for name in names]) / known.size
    fed = flow.per_hour or money.fruit_per_hour
    inspecting = plant.inspection * inspections(drawn) / max(1, flow.fruit)
    brought = known.priced * np.array([_brought(money.worth[truth], outlet, flow.reached) for truth, outlet in names])
    best = known.priced * np.array([max(money.worth[truth].values()) for truth, _ in names])
    ways = {"machine": brought - inspecting - money.cost_per_hour / fed}
    if people := money.people:
        by_hand_each = np.array([by_hand(truth, money, plant.route) for truth, _ in names])
        ways["people"] = known.priced * by_hand_each - people.cost_per_hour / people.fruit_per_hour
        ways["machine over people"] = ways["machine"] - ways["people"]
    return {
        "currency": money.currency,
        "fruit_judged": sum(bool(one.words) for one in drawn),
        "fruit_per_hour": round(fed, 1),
        "reached": round(flow.reached, 4),
        "inspecting_per_hour": round(inspecting * fed, 2),
        "ways": {way: _figure(float(seen @ worth), shares @ worth, fed) for way, worth in ways.items()},
        "of_the_best": _figure(float(seen @ brought / (seen @ best)), shares @ brought / (shares @ best), None),
    }


def inspections(drawn: Sequence[Inspected]) -> int:
    """Each word is one, and each drawn fruit of which nobody spoke yet will be."""
    return sum(max(1, len(one.words)) for one in drawn)


def audit_cost(drawn: Sequence[Inspected], plant: Setting) -> float | None:
    """Of inspecting the drawn fruit: people's time, and what the fruit would have brought more than at the belt's end
    had they gone their way. None where nobody has judged one that has a worth."""
    worth = plant.money.worth
    lost = [
        (part, worth[truth].get(one.outlet, 0.0) - worth[truth].get(BELT_END, 0.0))
        for one in drawn
        for truth, part in one.parts
        if truth in worth
    ]
    judged = sum(part for part, _ in lost)
    if not judged:
        return None
    not_sorted = sum(part * value for part, value in lost) / judged * len(drawn)
    return round(plant.inspection * inspections(drawn) + not_sorted, 2)


def _brought(row: Mapping[str, float], outlet: str, reached: float) -> float:
    at_end = row.get(BELT_END, 0.0)
    return at_end + reached * (row[outlet] - at_end)


def by_hand(truth: str, money: Money, route: Route) -> float:
    """What a fruit brings that a person sorts; errors fall evenly on the other outlets."""
    people, row = money.people, money.worth[truth]
    if people is None:
        return 0.0
    own = route.get(truth, BELT_END)
    others = [row[outlet] for outlet in sorted({*route.values(), BELT_END} - {own}) if outlet in row]
    missed = sum(others) / len(others) if others else row[own]
    return people.right * row[own] + (1 - people.right) * missed


def _figure(value: float, draws: NDArray[np.float64], per_hour: float | None) -> dict[str, Any]:
    low, high = np.quantile(draws, (0.025, 0.975))
    found: dict[str, Any] = {"value": round(value, 5), "interval": [round(float(low), 5), round(float(high), 5)]}
    if per_hour is not None:
        found["per_hour"] = round(value * per_hour, 2)
        found["per_hour_interval"] = [round(float(edge) * per_hour, 2) for edge in (low, high)]
    return found
