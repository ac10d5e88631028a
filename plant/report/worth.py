"""Money: what the audited fruit brought, the machine's cost taken off, beside people alone.

A fruit's worth is the profile's, by what people said it was and the outlet it was sent to. The interval is the middle
95 % over posteriors of what goes where: Dirichlet with Perks' prior, one fruit spread evenly over all cells, so that an
error which the sample happens not to hold is not taken for impossible. The sample counts by its effective size.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.datapath import BELT_END
from edge.sections import Money
from plant.report.audited import Inspected, Route

DRAWS = 2_000
Cells = Mapping[tuple[str, str], float]
"""By truth and outlet."""


def weigh(drawn: Sequence[Inspected], money: Money) -> tuple[dict[tuple[str, str], float], float]:
    """What the sample stands for, scaled to its effective size; and that size."""
    found: dict[tuple[str, str], float] = {}
    total = squares = 0.0
    for one in drawn:
        for truth, part in one.parts:
            if one.outlet in money.worth.get(truth, ()):
                weight = part / one.chance
                found[truth, one.outlet] = found.get((truth, one.outlet), 0.0) + weight
                total, squares = total + weight, squares + weight * weight / part
    size = total * total / squares if squares else 0.0
    return {cell: weight * size / total for cell, weight in found.items()}, size


def posterior(
    cells: Cells, money: Money, seed: int = 0, draws: int = DRAWS
) -> tuple[list[tuple[str, str]], NDArray[np.float64]]:
    """The cells of the profile's worth, and draws (draws, cells) of the share of fruit in each."""
    names = [(truth, outlet) for truth, row in money.worth.items() for outlet in row]
    held = np.array([cells.get(name, 0.0) for name in names]) + 1 / len(names)
    return names, np.random.default_rng(seed).dirichlet(held, draws)


def money_told(drawn: Sequence[Inspected], money: Money, route: Route, per_hour: float | None) -> dict[str, Any] | None:
    """A fruit's worth by the machine, by people alone and if all went right, and per hour at the throughput seen;
    None where the profile has no worth or nobody has judged a fruit."""
    cells, size = weigh(drawn, money)
    if not cells:
        return None
    names, shares = posterior(cells, money)
    seen = np.array([cells.get(name, 0.0) for name in names]) / size
    fed = per_hour or money.fruit_per_hour
    best = np.array([max(money.worth[truth].values()) for truth, _ in names])
    ways = {"machine": np.array([money.worth[truth][outlet] for truth, outlet in names]) - money.cost_per_hour / fed}
    if money.people is not None:
        ways["people"] = np.array([by_hand(truth, money, route) for truth, _ in names])
        ways["machine over people"] = ways["machine"] - ways["people"]
    told = {way: _figure(float(seen @ worth), shares @ worth, fed) for way, worth in ways.items()}
    brought = ways["machine"] + money.cost_per_hour / fed
    return {
        "currency": money.currency,
        "fruit_judged": sum(bool(one.words) for one in drawn),
        "fruit_per_hour": round(fed, 1),
        "ways": told,
        "of_the_best": _figure(float(seen @ brought / (seen @ best)), shares @ brought / (shares @ best), None),
    }


def by_hand(truth: str, money: Money, route: Route) -> float:
    """What a fruit brings that a person sorts, their time taken off; errors fall evenly on the other outlets."""
    people, row = money.people, money.worth[truth]
    if people is None:
        return 0.0
    own = route.get(truth, BELT_END)
    others = [row[outlet] for outlet in sorted({*route.values(), BELT_END} - {own}) if outlet in row]
    missed = sum(others) / len(others) if others else row[own]
    return people.right * row[own] + (1 - people.right) * missed - people.cost_per_hour / people.fruit_per_hour


def _figure(value: float, draws: NDArray[np.float64], per_hour: float | None) -> dict[str, Any]:
    low, high = np.quantile(draws, (0.025, 0.975))
    found: dict[str, Any] = {"value": round(value, 5), "interval": [round(float(low), 5), round(float(high), 5)]}
    if per_hour is not None:
        found["per_hour"] = round(value * per_hour, 2)
        found["per_hour_interval"] = [round(float(edge) * per_hour, 2) for edge in (low, high)]
    return found
