"""Plants whose best investment is known, because the world itself is changed and runs again: no formula of
`plant.invest` has a part in it.

A world draws fruit in two lanes with their gaps, a lamp that flickers from fruit to fruit, a computer that grades so
many fruit a second, gates that need so much room, a person at the belt's end, and a grader whose errors follow the
sharpness of its pictures. An investment changes one of these and the same fruit come again; what they then bring more
is what it is worth. The ledger that `sorter invest` reads is the unchanged world's; nothing in it says what it hides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from edge.datapath import BELT_END, LABELS
from tests.plant.report.pretend import Pretended

MONTH_DAYS = 30.44
OUTLETS = (*LABELS, BELT_END)
MIX = {"green": 0.1, "turning": 0.2, "red": 0.64, "damaged": 0.06}
END = OUTLETS.index(BELT_END)
_ROOM_SD_MS = 3.0


@dataclass(frozen=True, slots=True)
class World:
    """`astray`: the chance that a grader without doubt errs, by grade, at sharpness 1; `blur`: how steeply that rises
    as pictures lose sharpness; `doubt`: the chance that it does not decide; `dim`: the share of fruit under a lamp that
    has `dimmed` to so much. `per_s`: fruit come so fast on the mean; `capacity`: graded a second; `room_ms`: a gate's
    need; `inspector`: people at the end. `learnt`: the factor that training leaves of a grade's errors."""

    name: str
    best: str
    astray: Mapping[str, float]
    mix: Mapping[str, float] = field(default_factory=lambda: dict(MIX))
    worth: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    blur: float = 0.0
    doubt: float = 0.01
    dim: float = 0.0
    dimmed: float = 1.0
    per_s: float = 8.0
    capacity: float = 40.0
    room_ms: float = 60.0
    inspectors: int = 0
    recall: Mapping[str, float] = field(default_factory=dict)
    learnt: Mapping[str, float] = field(default_factory=dict)
    pay: float = 20.0

    def prices(self) -> dict[str, dict[str, float]]:
        told: dict[str, dict[str, float]] = Pretended().profile()["money"]["worth"]
        return {grade: {**row, **self.worth.get(grade, {})} for grade, row in told.items()}


@dataclass(frozen=True, slots=True)
class Run:
    """Of each fruit: its instant, true grade, what it was called, why, where it went, how sharp its pictures were."""

    at_s: NDArray[np.float64]
    truth: NDArray[np.intp]
    called: NDArray[np.intp]
    reason: NDArray[np.intp]
    outlet: NDArray[np.intp]
    sharp: NDArray[np.float64]
    by_hand: NDArray[np.bool_]


REASONS = ("graded", "doubtful", "crowded", "shed")
PLANTS = (
    World(
        "rot",
        "recall-damaged",
        {"green": 0.02, "turning": 0.03, "red": 0.01, "damaged": 0.12},
        worth={"damaged": {"red": -4.0, "turning": -4.0, "green": -4.0}},
        doubt=0.002,
    ),
    World("crowd", "gates", {"green": 0.02, "turning": 0.03, "red": 0.01, "damaged": 0.03}, per_s=14.0, room_ms=75.0),
    World(
        "dusk", "lamp", {"green": 0.02, "turning": 0.04, "red": 0.03, "damaged": 0.06}, blur=5.0, dim=0.5, dimmed=0.55
    ),
    World("doubt", "inspector", {"green": 0.02, "turning": 0.02, "red": 0.01, "damaged": 0.02}, doubt=0.15, pay=8.0),
    World(
        "rush", "fruit-per-s", {"green": 0.02, "turning": 0.02, "red": 0.01, "damaged": 0.02}, per_s=10.0, capacity=9.0
    ),
)
"""In each, something else is the bottleneck."""


def run(world: World, fruit: int, seed: int) -> Run:
    """The same fruit, lights and chances for every change of a world."""
    rng = np.random.default_rng(seed)
    truth = rng.choice(len(LABELS), fruit, p=[world.mix[label] for label in LABELS])
    gaps = 0.03 + rng.gamma(3.0, (2 / world.per_s - 0.03) / 3.0, fruit)
    lane_s = np.stack([np.cumsum(gaps[n::2][: fruit // 2]) for n in (0, 1)])
    is_dim, blur, chance, which, doubts, room, hand, pick = (rng.random(fruit) for _ in range(8))
    at_s = np.empty(fruit)
    at_s[0::2], at_s[1::2] = lane_s[0], lane_s[1]
    light = np.where(is_dim < world.dim, world.dimmed, 1.0)
    sharp = light * np.exp(0.15 * (blur - 0.5))
    wrong = chance < _astray(world, truth, sharp)
    called = np.where(wrong, _other(truth, which), truth)
    doubt = doubts < np.minimum(0.9, world.doubt * np.exp(world.blur * (1 - sharp)))
    called, doubt = _recalled(world, truth, called, doubt, pick)
    reason = np.where(doubt, 1, 0)
    nearest = np.minimum(*_neighbours(at_s)) * 1000
    reason[nearest < world.room_ms + _ROOM_SD_MS * 2 * (room - 0.5)] = 2
    reason[_shed(at_s, world.capacity, pick)] = 3
    outlet = np.where(reason == 0, called, END)
    by_hand = _handled(world, at_s, outlet, truth, hand)
    return Run(at_s, truth, called, reason, outlet, sharp, by_hand)


def _astray(world: World, truth: NDArray[np.intp], sharp: NDArray[np.float64]) -> NDArray[np.float64]:
    base = np.array([world.astray[label] * world.learnt.get(label, 1.0) for label in LABELS])[truth]
    return np.minimum(0.7, base * np.exp(world.blur * (1 - sharp)))


def _other(truth: NDArray[np.intp], which: NDArray[np.float64]) -> NDArray[np.intp]:
    """A neighbouring ripeness mostly; damage is mostly taken for red."""
    near = np.array([[1, 1, 2], [0, 2, 2], [1, 1, 3], [2, 2, 1]])
    return near[truth, np.minimum(2, (which * 3).astype(int))]


def _recalled(
    world: World,
    truth: NDArray[np.intp],
    called: NDArray[np.intp],
    doubt: NDArray[np.bool_],
    pick: NDArray[np.float64],
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """So many more of all fruit of a grade are called what they are, taken from those that are not."""
    for label, more in world.recall.items():
        own = truth == LABELS.index(label)
        missed = own & (doubt | (called != truth))
        back = missed & (pick < more * own.sum() / max(1, missed.sum()))
        called, doubt = np.where(back, truth, called), doubt & ~back
    return called, doubt


def _neighbours(at_s: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    before, after = np.full(len(at_s), np.inf), np.full(len(at_s), np.inf)
    for lane in (0, 1):
        gaps = np.diff(at_s[lane::2])
        before[lane::2][1:] = gaps
        after[lane::2][:-1] = gaps
    return before, after


def _shed(at_s: NDArray[np.float64], capacity: float, pick: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Of each five seconds, what is beyond the computer's pace, whichever fruit it befalls."""
    window = (at_s // 5).astype(int)
    order = np.lexsort((pick, window))
    starts = np.concatenate([[0], np.flatnonzero(np.diff(window[order])) + 1])
    rank = np.arange(len(order)) - np.repeat(starts, np.diff([*starts, len(order)]))
    found = np.zeros(len(at_s), bool)
    found[order[rank >= round(capacity * 5)]] = True
    return found


def _handled(
    world: World,
    at_s: NDArray[np.float64],
    outlet: NDArray[np.intp],
    truth: NDArray[np.intp],
    hand: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Whom a person at the end takes up: two seconds each, in the order in which they come."""
    taken = np.zeros(len(at_s), bool)
    free_s = 0.0
    for n in np.argsort(at_s) if world.inspectors else ():
        if outlet[n] == END and at_s[n] >= free_s:
            taken[n], free_s = True, at_s[n] + 2.0 / world.inspectors
    return taken


def brought(world: World, ran: Run) -> float:
    """By all fruit, the pay of people at the end taken off. People put nine in ten where they belong."""
    prices = world.prices()
    table = np.array([[prices[grade][outlet] for outlet in OUTLETS] for grade in LABELS])
    value = table[ran.truth, ran.outlet]
    own = table[np.arange(4), np.arange(4)]
    others = (table.sum(axis=1) - own) / (len(OUTLETS) - 1)
    by_hand = (0.9 * own + 0.1 * others)[ran.truth]
    paid = world.inspectors * world.pay * float(ran.at_s.max()) / 3600
    return float(np.where(ran.by_hand, by_hand, value).sum()) - paid


def changes(world: World) -> Iterator[tuple[str, World]]:
    """What an investment changes in the world. 500 pictures take from a grade's errors what this world lets them."""
    for label in LABELS:
        yield f"recall-{label}", replace(world, recall={label: 0.01})
        yield f"pictures-{label}", replace(world, learnt={label: ((2_500 + 500) / 2_500) ** -0.2})
    yield "fruit-per-s", replace(world, capacity=world.capacity + 1)
    yield "gates", replace(world, room_ms=world.room_ms - 10)
    yield "lamp", replace(world, dim=0.0)
    yield "inspector", replace(world, inspectors=1)


def truths(world: World, fruit: int, seed: int) -> dict[str, float]:
    """What each investment is worth a month, at the pace of `entries`."""
    before = brought(world, run(world, fruit, seed))
    return {
        name: (brought(changed, run(changed, fruit, seed)) - before) / fruit * FRUIT_A_DAY * MONTH_DAYS
        for name, changed in changes(world)
    }


FRUIT_A_DAY = 10_000
"""The pace of a month."""
