"""The ledgers of `tests.evidence.plants`, as `sorter invest` reads them: what the unchanged world left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np

from edge.datapath import BELT_END, LABELS
from edge.ledger.entries import Decision, LookNote, Stamped
from tests.evidence.plants import FRUIT_A_DAY, OUTLETS, REASONS, Run, World, run
from tests.plant.report.pretend import BEGIN, NS, Pretended, event

DAYS = 4


def entries(world: World, seed: int, a_day: int = FRUIT_A_DAY, audit: float = 0.08) -> Iterator[Stamped]:
    """The ledger of four days of the unchanged world; one person says of each drawn fruit what it is."""
    plant = Pretended(money={"worth": world.prices()} | _people(world))
    yield Stamped(BEGIN, "r", event(0, "profile", said=plant.profile()))
    rng = np.random.default_rng(seed + 1)
    for day in range(DAYS):
        ran = run(world, a_day, 1_000 * seed + day)
        drawn = (rng.random(a_day) < audit) & (ran.reason < 2)
        for n in np.argsort(ran.at_s):
            at_s = 86_400.0 * day + float(ran.at_s[n])
            decision = _decision(ran, int(n), day, at_s, audit if drawn[n] else None)
            yield Stamped(BEGIN + timedelta(seconds=at_s), "r", decision)
            if drawn[n]:
                said = {"label": LABELS[int(ran.truth[n])]}
                yield Stamped(
                    BEGIN + timedelta(seconds=at_s + 1),
                    "r",
                    event(at_s + 1, "label", who="anna", about=decision.track_id, said=said),
                )


def _people(world: World) -> dict[str, Any]:
    return {"people": {"fruit_per_hour": 1800, "right": 0.9, "cost_per_hour": world.pay}}


def _decision(ran: Run, n: int, day: int, at_s: float, audit: float | None) -> Decision:
    label, outlet = LABELS[int(ran.called[n])], OUTLETS[int(ran.outlet[n])]
    went = BELT_END if audit else outlet
    return Decision(
        track_id=f"d{day}.{n}",
        at_ns=round(at_s * NS),
        lane=n % 2,
        length_mm=57.0,
        looks=(LookNote(n, round(40 * float(ran.sharp[n]), 2), 0.02, (0.25,) * 4),),
        label=label,
        confidence=0.9,
        unknown_score=0.02,
        scores=(0.25,) * 4,
        outlet=went,
        reason="audited" if audit else REASONS[int(ran.reason[n])],
        bundle="factory@0123456789ab",
        profile="3c0ffee",
        gate=None if went == BELT_END else f"{went}_{n % 2}",
        result=None if went == BELT_END else "fired",
        late_ns=None if went == BELT_END else 50_000,
        audit=audit,
        sorted_to=outlet if audit else None,
    )
