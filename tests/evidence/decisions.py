"""Bundles at the level of decisions: what they say of fruit, and how an update to them ends.

Fruit are drawn from what was recorded of the factory bundle on the built-in fruit (the `scores` level's own table),
fused and decided by the line's own policy, and judged by the update process's own tests. A new bundle is the old one
with its ripeness logits pushed about by as much for every look of a fruit: bundles err by fruit. Left out: the belt,
crowded and late fruit, and restarts.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.bundle import FACTORY, load_bundle
from edge.config import load_profile
from edge.datapath import LABELS, Look, Track, Verdict
from edge.grade.litert import grades_of
from edge.grade.verdict import Policy, decide
from edge.update.trial import allowed, parted, worse
from edge.updates import Compared, Figures
from edge.watch.quality import is_torn
from sim.choice import BUILTIN
from sim.fruit import by_label, load_builtin
from sim.scores_store import obtain
from sim.scores_table import CONDITIONS, Recorded, Table, in_order
from tests.evidence.trial import ROOT

SEED = 1
TURNS = (0.8, 1.6)
"""Of a fruit while it is in view."""
PAST = 5_000
"""Fruit that the old bundle has graded before."""
PROBATION = 18_000
"""Half an hour of ten fruit a second."""
EVERY = 50
"""Fruit from one judgement to the next: five seconds of the line. The device asks more often."""
RIGHT = 0.95
"""The old bundle is right about so many: as many of the fruit are damaged as that takes, which it errs on."""
DAMAGED_SHARE = (0.02, 0.6)
CULTIVAR = 4
"""Every so-manieth physical fruit is of the new cultivar, which nobody has seen before the take-over."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One fruit's way under the camera: what the network said at each look."""

    label: str
    new: bool
    looks: tuple[Recorded, ...]


class Line:
    """The fruit, and who decides on them."""

    def __init__(self, size: int) -> None:
        bundle, skins = load_bundle(FACTORY), by_label(load_builtin("held"))
        self._table = obtain(bundle, skins, BUILTIN)
        profile = load_profile(ROOT / "firmware_config" / "profiles" / "demo.toml")
        self._policy = Policy.of(profile, bundle.manifest.thresholds, bundle.identity)
        self.most = profile.update.most_disagreement
        self.shadow_fruit, self.share = profile.update.shadow_fruit, profile.update.shadow_share
        ordered = in_order(skins)
        self.passages = list(_passages(self._table, ordered, size, 0.25, profile.grade.most_looks))
        self.damaged = self._damaged_share()
        self.passages = list(_passages(self._table, ordered, size, self.damaged, profile.grade.most_looks))
        self.old = self.facts(0.0)

    def _damaged_share(self) -> float:
        """What share of the fruit have to be damaged, so that the old bundle is right about `RIGHT` of them."""
        facts, kinds = self.facts(0.0), [passage.label == LABELS[-1] for passage in self.passages]
        sound, damaged = (
            _mean(f["right"] for f, is_in in zip(facts, kinds, strict=True) if is_in == k) for k in (False, True)
        )
        if sound <= damaged:
            return DAMAGED_SHARE[0]
        return min(DAMAGED_SHARE[1], max(DAMAGED_SHARE[0], (sound - RIGHT) / (sound - damaged)))

    def facts(self, nudge: float, only_new: bool = False) -> list[dict[str, Any]]:
        """What a bundle says of every fruit: nudged by so much, in logits, in its ripeness."""
        draw = random.Random(SEED)
        found = []
        for passage in self.passages:
            push = [draw.gauss(0, nudge) if nudge else 0.0 for _ in range(3)]
            found.append(self._decided(passage, push if passage.new or not only_new else [0.0] * 3))
        return found

    def verdicts(self, nudge: float) -> list[Verdict]:
        """What is decided of every fruit, as `facts` has it."""
        draw = random.Random(SEED)
        pushes = ([draw.gauss(0, nudge) if nudge else 0.0 for _ in range(3)] for _ in self.passages)
        return [
            decide(self._track(one, push), False, self._policy, 0)
            for one, push in zip(self.passages, pushes, strict=True)
        ]

    def _decided(self, passage: Passage, push: Sequence[float]) -> dict[str, Any]:
        track = self._track(passage, push)
        verdict = decide(track, False, self._policy, 0)
        return {
            "outlet": verdict.outlet,
            "right": verdict.reason == "graded" and verdict.label == passage.label,
            "doubtful": verdict.reason == "doubtful",
            "unknown": verdict.reason == "unknown",
            "damaged": verdict.reason == "graded" and verdict.label == LABELS[-1],
            "torn": is_torn(track),
        }

    def _track(self, passage: Passage, push: Sequence[float]) -> Track:
        looks = []
        for one in passage.looks:
            logits = [float(self._table.logits[n + 128]) for n in one.outputs]
            logits[:3] = [logit + more for logit, more in zip(logits, push, strict=False)]
            grades = grades_of(logits, unknown=one.unknown)
            looks.append(Look("r.1", 0, one.sharpness, grades.scores, grades.unknown_score))
        return Track("r.1", 0, 0, 100.0, 60.0, tuple(looks))


def _mean(values: Iterator[bool]) -> float:
    found = list(values)
    return sum(found) / max(1, len(found))


def _passages(table: Table, skins: Sequence[Any], size: int, damaged: float, most_looks: int) -> Iterator[Passage]:
    draw, first = random.Random(SEED), {}
    row = 0
    for skin in skins:
        first[skin.skin_id] = row
        row += skin.views
    fruit = sorted({skin.skin_id for skin in skins})
    kinds = [[skin for skin in skins if (skin.label == LABELS[-1]) is kind] for kind in (False, True)]
    made = 0
    while made < size:
        skin = draw.choice(kinds[draw.random() < damaged])
        condition = [draw.randrange(n) for n in CONDITIONS]
        turn = table.turn(first[skin.skin_id], skin.views, *condition)
        start, step = draw.randrange(skin.views), draw.uniform(*TURNS) * skin.views / most_looks
        looks = [turn[round(start + n * step) % skin.views] for n in range(most_looks)]
        if kept := tuple(look for look in looks if look):
            made += 1
            yield Passage(skin.label, fruit.index(skin.skin_id) % CULTIVAR == 0, kept)


@dataclass(frozen=True, slots=True)
class Ended:
    """How an update ended: `committed`, `shadow` or `probation`, and how many fruit the new bundle had sorted."""

    where: str
    fruit: int
    why: str = ""


_NAMES = ("doubtful", "unknown", "damaged", "torn")


def _counts(facts: Sequence[Mapping[str, Any]]) -> NDArray[np.int64]:
    return np.array([[one[name] for name in _NAMES] for one in facts], np.int64)


class Update:
    """One new bundle, through its update as often as one likes."""

    def __init__(self, line: Line, new: Sequence[Mapping[str, Any]], unseen: bool = False) -> None:
        """`unseen`: fruit of the new cultivar come only behind the take-over."""
        self._most, self._shadow, self._share = line.most, line.shadow_fruit, line.share
        self._old, self._new = _counts(line.old), _counts(new)
        self._differ = np.array([a["outlet"] != b["outlet"] for a, b in zip(line.old, new, strict=True)])
        is_new = np.array([passage.new for passage in line.passages])
        self._all = np.arange(len(is_new))
        self._before = self._all[~is_new] if unseen else self._all

    def run(self, seed: int) -> Ended:
        draw = np.random.default_rng(seed)
        past = self._old[draw.choice(self._before, PAST)].sum(0).tolist()
        before = Figures(bundle="old", fruit=PAST, **dict(zip(_NAMES, past, strict=True)))
        differ = np.cumsum(self._differ[draw.choice(self._before, self._shadow)])
        for fruit in range(EVERY, self._shadow + 1, EVERY):
            if why := parted(_compared(fruit, differ), self._most):
                return Ended("shadow", 0, why)
        limit = allowed(_compared(self._shadow, differ), self._most)
        fed = draw.choice(self._all, PROBATION)
        counts = np.cumsum(self._new[fed], 0)
        beside = np.cumsum(self._differ[fed[:: round(1 / self._share)]])
        for fruit in range(EVERY, PROBATION + 1, EVERY):
            figures = Figures(bundle="new", fruit=fruit, **dict(zip(_NAMES, counts[fruit - 1].tolist(), strict=True)))
            both = int(fruit * self._share)
            if why := worse(before, figures) or parted(_compared(both, beside), limit):
                return Ended("probation", fruit, why)
        return Ended("committed", PROBATION)


def _compared(fruit: int, differ: NDArray[np.int64]) -> Compared:
    return Compared(bundle="new", beside="old", fruit=fruit, differ=int(differ[fruit - 1]))
