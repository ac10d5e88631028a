"""Lots whose end is not like their beginning, from a ledger to the statement."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edge.datapath import LABELS
from edge.ledger.entries import Decision, Stamped
from plant.report.asking import preface
from plant.report.compliance import state
from plant.report.gathering import Gathered, gather
from plant.report.reporting import count, statements
from plant.report.selection import Selection
from plant.report.standards import standard
from tests.plant.report.pretend import BEGIN, Pretended, event

pytestmark = pytest.mark.slow

RULES = standard("us-no-1")
DAY = Selection("lot", "farm-12", ((BEGIN, BEGIN + timedelta(days=1)),))
LATER = BEGIN + timedelta(hours=2)
BLIND = {label: {"red": 1.0} for label in LABELS}
"""What a machine says that takes all for red."""

GOOD = Pretended(
    seed=5, fruit=6_000, right=1.0, people=("anna",), called=BLIND, mix={"red": 1.0}, defects={"serious": 1.0}
)
BAD = replace(GOOD, seed=6, mix={"red": 0.75, "damaged": 0.25}, begin=LATER, run="s")
"""As a second half: every eighth fruit of the lot is below the grade then, where one in ten is allowed."""


def _gathered(*parts: Sequence[Stamped]) -> Gathered:
    entries = [one for part in parts for one in part]
    return gather(lambda: iter(entries), DAY, preface(iter(entries)).words)


def _stated(found: Gathered) -> Any:
    return statements(found, {"it": RULES})["red"]["it"]


def _of(plant: Pretended, **changed: Any) -> list[Stamped]:
    return list(replace(plant, truths=[], **changed).entries())


def test_a_lot_that_got_worse_while_fewer_were_drawn_does_not_pass_for_its_beginning() -> None:
    found = _gathered(_of(GOOD, audit=0.4), _of(BAD, audit=0.04))
    sample, route = found.drawn, found.plant.route
    as_drawn = {name: count(limit, sample, route, "red") for name, limit in RULES.limits.items()}
    assert state(RULES, found.flow.fruit, len(sample), as_drawn).says == "meets"
    said = _stated(found)
    assert said.says != "meets"
    assert said.limits[0].share == pytest.approx(0.125, abs=0.03)
    assert said.limits[0].low < 0.125 < said.limits[0].high


def test_a_share_so_low_that_nobody_was_drawn_counts_too() -> None:
    later = [one for one in _of(BAD, audit=0.0) if isinstance(one.entry, Decision)]
    rate = Stamped(LATER, "s", event(0, "audit_rate", said={"share": 0.0002}))
    assert _stated(_gathered(_of(GOOD, audit=0.4))).says == "meets"
    said = _stated(_gathered(_of(GOOD, audit=0.4), [rate], later))
    assert said.says == "undecided"
    assert said.inspected < 20


def test_a_lot_of_which_a_part_was_not_audited_is_not_held_to_anything() -> None:
    said = _stated(_gathered(_of(GOOD, audit=0.4), _of(BAD, audit=0.0)))
    assert (said.says, said.inspected, said.more) == ("undecided", 0, None)
    assert "a part of it was not audited" in said.sentence


def test_a_lot_whose_end_nobody_has_judged_yet_is_open_whatever_its_beginning_was() -> None:
    early, late = _of(GOOD, audit=0.2), _of(BAD, audit=0.2)
    unsaid = [one for one in late if isinstance(one.entry, Decision)]
    said = _stated(_gathered(early, unsaid))
    assert said.says == "undecided"
    assert said.waiting == said.more == sum(one.entry.audit is not None for one in unsaid)  # type: ignore[union-attr]
    assert f"judge the {said.waiting:,} drawn fruit that wait" in said.sentence
    assert _stated(_gathered(early, late)).limits[0].share == pytest.approx(0.125, abs=0.03)


def test_fruit_that_were_passed_over_are_not_waited_for() -> None:
    found = _gathered(_of(GOOD, audit=0.2, judged=0.9))
    last = max(n for n, one in enumerate(found.drawn) if one.words)
    said = _stated(found)
    assert said.waiting == len(found.drawn) - 1 - last < 10
    assert said.inspected - said.waiting == sum(bool(one.words) for one in found.drawn)
