"""Lots held to a grade standard: how often a report's statement is wrong, by somebody who does as it says: inspects
some, reads, inspects as many more as it asks for, and reads again.

Lots lie around the limits, nine in ten within a half of one on either side, and some on it to the fruit. Beside it the
bounds that hold for one look at a sample of a size fixed beforehand (mid-P), under the same habit. Then the audit's
share falls to a quarter within each lot while the lot gets worse: what is said of it, and what would be if all drawn
fruit counted alike. One in a hundred goes the whole way, from a ledger to the report's JSON.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.audited.intervals import between
from plant.report.asking import preface
from plant.report.audited import Inspected, even_sample
from plant.report.compliance import CONFIDENCE, Count, Says, allowed, state
from plant.report.gathering import gather
from plant.report.reporting import told
from plant.report.selection import Selection
from plant.report.standards import Standard, standard
from plant.report.words import Word
from tests.evidence.trial import Finding, Target, Trial, at_least, at_most
from tests.plant.report.pretend import BEGIN, Pretended

SEED, LOTS, ROUNDS = 62, 1_000, 8
WRONG = 0.064
"""One in twenty, and what a thousand lots may show above it by chance (1 in 40)."""
SHARES = (0.4, 0.1)
"""Of the audit, in a lot's first half and in its second."""
WORSE = 1.0
"""How much later in its lot a fruit that is below the grade comes, as a share of the lot."""
WHOLE = 100
"""One of so many lots goes through a ledger."""

Lot = NDArray[np.int8]
"""Of each fruit: 0 within the grade, 1 below, 2 very seriously damaged, 3 decayed."""


def lots(trial: Trial) -> Finding:
    """Statements wrong, made and left open, and what they cost; the naive bounds' beside them."""
    rules, rng = standard("us-no-1"), np.random.default_rng(SEED)
    count = trial.count(LOTS, 10)
    tally = {name: _Tally() for name in ("sequential", "one look", "share that fell", "share that fell, all alike")}
    for n in range(count):
        lot = _a_lot(rules, rng)
        for name in ("sequential", "one look"):
            tally[name].add(_meets(rules, lot), *_inspected(rules, lot, name))
        drawn = _drawn(lot, n)
        tally["share that fell"].add(_meets(rules, lot), *_audited(rules, lot, even_sample(drawn)))
        tally["share that fell, all alike"].add(_meets(rules, lot), *_audited(rules, lot, drawn))
        if n % 100 == 99:
            trial.say(f"{n + 1} lots: {tally['sequential'].told()}")
    ledgers = _through_ledgers(max(2, count // WHOLE), rules)
    ours = tally["sequential"]
    figures = {"lots": count, "standard": rules.says, "rounds_at_most": ROUNDS, "through_ledgers": ledgers}
    figures |= {name: one.told() for name, one in tally.items()}
    limit = WRONG if count >= LOTS else WRONG + 2 / count
    return Finding(figures, _targets(ours, tally["share that fell"], ledgers, limit), SEED)


def _targets(ours: _Tally, fell: _Tally, ledgers: Mapping[str, int], limit: float) -> list[Target]:
    return [
        at_most("of lots that got worse as the share fell: wrong statements", fell.share("wrong", "made"), limit),
        at_most("of these, lots said to meet the standard that do not", fell.share("kind", "bad"), limit),
        at_most("wrong statements, of all made", ours.share("wrong", "made"), limit),
        at_most("lots said to meet the standard that do not, of those that do not", ours.share("kind", "bad"), limit),
        at_most("lots said to miss it that meet it, of those that do", ours.share("harsh", "good"), limit),
        at_least("lots decided", ours.share("made", "lots"), 0.5),
        at_most("wrong statements from whole ledgers", ledgers["wrong"], 1),
    ]


class _Tally:
    """What became of lots under one rule."""

    def __init__(self) -> None:
        self.lots = self.made = self.wrong = self.kind = self.harsh = self.bad = self.good = self.inspected = 0

    def add(self, meets: bool, says: Says, inspected: int) -> None:
        self.lots += 1
        self.inspected += inspected
        self.good, self.bad = self.good + meets, self.bad + (not meets)
        self.made += says != "undecided"
        self.kind += says == "meets" and not meets
        self.harsh += says == "does not meet" and meets
        self.wrong = self.kind + self.harsh

    def share(self, part: str, whole: str) -> float:
        return round(getattr(self, part) / max(1, getattr(self, whole)), 4)

    def told(self) -> dict[str, Any]:
        found = {name: getattr(self, name) for name in ("made", "wrong", "kind", "harsh", "good", "bad")}
        return found | {
            "wrong_share": self.share("wrong", "made"),
            "inspected_a_lot": round(self.inspected / self.lots),
        }


def _a_lot(rules: Standard, rng: np.random.Generator) -> Lot:
    """A lot of 1,000 to 20,000 fruit. One in ten lies on a limit to the fruit, or a fruit beyond."""
    fruit = round(float(np.exp(rng.uniform(np.log(1_000), np.log(20_000)))))
    limits = [limit.at_most for limit in rules.limits.values()]
    below, serious, soft = (rng.uniform(0.4, 1.5) * limit * rng.choice((0.3, 1.0), p=(0.4, 0.6)) for limit in limits)
    counts = [round(fruit * share) for share in (below, min(serious, below), min(soft, serious, below))]
    if rng.random() < 0.1:
        which = int(rng.integers(3))
        counts[which] = int(limits[which] * fruit) + int(rng.integers(2))
    counts[1] = max(counts[1], counts[2])
    counts[0] = max(counts[0], counts[1])
    lot = np.zeros(fruit, np.int8)
    for level, count in enumerate(counts, 1):
        lot[:count] = level
    return rng.permutation(lot)


def _counts(rules: Standard, sample: Lot) -> dict[str, int]:
    return {name: int((sample >= level).sum()) for level, name in enumerate(rules.limits, 1)}


def _meets(rules: Standard, lot: Lot) -> bool:
    found = _counts(rules, lot)
    return all(found[name] <= allowed(limit, len(lot)) for name, limit in rules.limits.items())


def _inspected(rules: Standard, lot: Lot, how: str) -> tuple[Says, int]:
    """Inspect 200, then what the report asks for, up to so many rounds or half of the lot."""
    size, says = min(200, len(lot)), "undecided"
    for _ in range(ROUNDS):
        found = _counts(rules, lot[:size])
        report = state(rules, len(lot), size, {name: Count(bad, bad) for name, bad in found.items()})
        says = report.says if how == "sequential" else _one_look(rules, found, size)
        if says != "undecided" or size * 2 >= len(lot):
            break
        size = min(len(lot), size + min(report.more or 100, 100 if how == "one look" else len(lot) // 4))
    return says, size


def _drawn(lot: Lot, seed: int) -> list[Inspected]:
    """What an audit draws of it, its bad fruit later than the others."""
    rng = np.random.default_rng([SEED, seed])
    lot = lot[np.argsort(rng.random(len(lot)) + WORSE * (lot > 0))]
    chance = np.where(np.arange(len(lot)) < len(lot) / 2, *SHARES)
    word = (Word("anna", "red", None, BEGIN, None),)
    return [
        Inspected(BEGIN, f"lot{seed}.{n}", str(lot[n]), "red", float(chance[n]), word)
        for n in np.flatnonzero(rng.random(len(lot)) < chance)
    ]


def _audited(rules: Standard, lot: Lot, sample: Sequence[Inspected]) -> tuple[Says, int]:
    """What is stated by a sample of what the audit drew."""
    found = _counts(rules, np.array([int(one.called) for one in sample], np.int8))
    counts = {name: Count(bad, bad) for name, bad in found.items()}
    return state(rules, len(lot), len(sample), counts).says, len(sample)


def _one_look(rules: Standard, found: Mapping[str, int], size: int) -> Says:
    """As somebody would who reads a table of confidence bounds anew each time: one-sided, at 95 %."""
    bounds = [(between(found[name], size, 2 * CONFIDENCE - 1), limit.at_most) for name, limit in rules.limits.items()]
    if all(high <= limit for (_, high), limit in bounds):
        return "meets"
    return "does not meet" if any(low > limit for (low, _), limit in bounds) else "undecided"


def _through_ledgers(count: int, rules: Standard) -> dict[str, int]:
    """Lots as a machine's history has them, and the report's own JSON. The limits on the worst damage are far away."""
    made = wrong = 0
    rng = np.random.default_rng(SEED)
    for n in range(count):
        below = float(rng.uniform(0.02, 0.2))
        plant = Pretended(
            seed=n,
            fruit=3_000,
            audit=float(rng.choice((0.2, 0.4))),
            right=1.0,
            people=("anna",),
            mix={"red": 1 - below, "damaged": below},
            called={"red": {"red": 1.0}, "damaged": {"red": 1.0}},
            defects={"serious": 0.93, "very-serious": 0.06, "decay": 0.01},
        )
        entries = list(plant.entries())
        words = preface(iter(entries)).words
        day = Selection("lot", "pretended", ((BEGIN, BEGIN + timedelta(days=1)),))
        found = told(gather(lambda held=entries: iter(held), day, words), {"it": rules}, BEGIN)
        says = found["lots"]["red"]["it"]["says"]
        meets = plant.truths.count("damaged") <= allowed(rules.limits["below-grade"], plant.fruit)
        made += says != "undecided"
        wrong += says == "does not meet" if meets else says == "meets"
    return {"lots": count, "made": made, "wrong": wrong}
