"""Money by hand: what the line did not sort is not paid for, and looking costs what it costs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edge.datapath import BELT_END
from edge.ledger.entries import Decision
from edge.sections import Money
from plant.report.audited import Inspected
from plant.report.flow import Flow
from plant.report.setting import Setting
from plant.report.words import Word
from plant.report.worth import audit_cost, inspections, money_told
from tests.plant.report.pretend import BEGIN, Pretended

ROUTE = {"red": "red", "damaged": "damaged"}
WORTH = {"red": {"red": 0.2, "damaged": 0.0, BELT_END: 0.04}, "damaged": {"red": -0.8, "damaged": 0.0, BELT_END: 0.0}}
PLANT = Setting(route=ROUTE, money=Money(worth=WORTH), inspection=0.05)


def _fruit(outlet: str = "red", reason: str = "graded", **other: Any) -> Decision:
    plain = next(one.entry for one in Pretended(audit=0.0).entries() if isinstance(one.entry, Decision))
    result = None if outlet == BELT_END else "fired"
    return replace(plain, outlet=outlet, reason=reason, **{"result": result, "audit": None, "sorted_to": None, **other})


def _flow(*fruit: tuple[int, Decision]) -> Flow:
    """All in the first minute."""
    flow, n = Flow(), 0
    for count, one in fruit:
        for _ in range(count):
            flow.take(BEGIN + timedelta(milliseconds=n), one)
            n += 1
    return flow


def _judged(truth: str, outlet: str, people: int = 1) -> Inspected:
    words = tuple(Word(str(n), truth, None, BEGIN, None) for n in range(people))
    return Inspected(BEGIN, f"{truth}{outlet}", outlet, outlet, 0.1, words)


def _brought(drawn: Sequence[Inspected], plant: Setting, flow: Flow, way: str = "machine") -> float:
    found = money_told(drawn, plant, flow)
    assert found is not None
    value: float = found["ways"][way]["value"]
    return value


FREE = replace(PLANT, inspection=0.0)
RED = [_judged("red", "red")] * 10
SHED, CROWDED = _fruit(BELT_END, "shed"), _fruit(BELT_END, "crowded")
LATE = _fruit("red", "graded", result="late")
DRAWN = _fruit(BELT_END, "audited", audit=0.1, sorted_to="red")


def test_where_all_reach_their_outlet_each_brings_its_worth() -> None:
    assert _brought(RED, FREE, _flow((100, _fruit()))) == pytest.approx(0.2)


@pytest.mark.parametrize("lost", [SHED, CROWDED, LATE, DRAWN], ids=["shed", "crowded", "late", "drawn"])
def test_fruit_that_did_not_reach_their_outlet_are_priced_at_the_belts_end(lost: Decision) -> None:
    """25 of 100 at 0.04, the others at 0.20."""
    found = money_told(RED, FREE, _flow((75, _fruit()), (25, lost)))
    assert found is not None
    assert found["reached"] == 0.75
    assert found["ways"]["machine"]["value"] == pytest.approx(0.75 * 0.2 + 0.25 * 0.04)
    assert found["ways"]["machine"]["per_hour"] == pytest.approx(6_000 * 0.16)
    assert found["of_the_best"]["value"] == pytest.approx(0.8)


def test_doubtful_fruit_are_at_the_belts_end_already_and_are_not_priced_twice() -> None:
    drawn = [*RED, *[_judged("red", BELT_END)] * 10]
    flow = _flow((45, _fruit()), (45, _fruit(BELT_END, "doubtful")), (10, SHED))
    assert _brought(drawn, FREE, flow) == pytest.approx(0.5 * (0.9 * 0.2 + 0.1 * 0.04) + 0.5 * 0.04)


def test_an_inspection_is_paid_for_as_often_as_somebody_looks() -> None:
    """10 drawn of 100: 6 judged by one, 2 by two, 2 by nobody yet, 12 inspections in all."""
    nobody = replace(RED[0], words=())
    drawn = [*RED[:6], *[_judged("red", "red", 2)] * 2, nobody, nobody]
    flow = _flow((90, _fruit()), (10, DRAWN))
    assert inspections(drawn) == 12
    assert _brought(drawn, PLANT, flow) == pytest.approx(0.9 * 0.2 + 0.1 * 0.04 - 12 * 0.05 / 100)
    assert audit_cost(drawn, PLANT) == pytest.approx(12 * 0.05 + 10 * (0.2 - 0.04))


def test_strangers_bring_nothing() -> None:
    drawn = [*RED[:9], _judged("unknown", BELT_END)]
    assert _brought(drawn, FREE, _flow((100, _fruit()))) == pytest.approx(0.9 * 0.2)


def test_people_are_paid_and_the_machine_too() -> None:
    """6,000 fruit an hour. By hand nine in ten go right, the tenth falls evenly on the two other outlets."""
    money = Money.model_validate(
        {
            "worth": WORTH,
            "cost_per_hour": 6.0,
            "people": {"fruit_per_hour": 1_800, "right": 0.9, "cost_per_hour": 18.0},
        }
    )
    plant, flow = replace(FREE, money=money), _flow((100, _fruit()))
    assert _brought(RED, plant, flow) == pytest.approx(0.2 - 0.001)
    by_hand = 0.9 * 0.2 + 0.1 * (0.0 + 0.04) / 2 - 0.01
    assert _brought(RED, plant, flow, "people") == pytest.approx(by_hand)
    assert _brought(RED, plant, flow, "machine over people") == pytest.approx(0.199 - by_hand)
