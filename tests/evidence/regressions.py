"""Updates that are worse, and updates that are not, through shadow and probation: how many fruit the worse ones grade
before they are taken back, and how often one that is as good is refused.

At the level of decisions. Fruit are drawn from what was recorded of the factory bundle on the built-in fruit,
fused and decided by the line's own policy, and judged by the update process's own tests. A new bundle is the old one
with its ripeness logits pushed about by as much for every look of a fruit: bundles err by fruit. Left out: the belt,
crowded and late fruit, and restarts.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import comb
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.bundle import FACTORY, load_bundle
from edge.config import load_profile
from edge.datapath import LABELS, Look, Track
from edge.grade.litert import grades_of
from edge.grade.verdict import Policy, decide
from edge.update.trial import FALSE_ALARMS, allowed, parted, worse
from edge.updates import Compared, Figures
from edge.watch.quality import is_torn
from sim.choice import BUILTIN
from sim.fruit import by_label, load_builtin
from sim.scores_store import obtain
from sim.scores_table import CONDITIONS, Recorded, Table, in_order
from tests.evidence.trial import ROOT, Finding, Target, Trial, at_least, at_most

GOOD, BAD, POOL = 1_000, 100, 4_000
SEED = 1
LOOKS = 8
PAST = 5_000
"""Fruit that the old bundle has graded before."""
PROBATION = 18_000
"""Half an hour of ten fruit a second."""
EVERY = 50
"""Fruit from one judgement to the next: five seconds of the line. The device asks more often."""
ELSEWHERE, RIGHT = 0.03, (0.95, 0.70)
"""A bundle that is as good still sends so many elsewhere; one that is worse is right about fewer, from so many on."""
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
        self.table = obtain(bundle, skins, BUILTIN)
        profile = load_profile(ROOT / "firmware_config" / "profiles" / "demo.toml")
        self.policy = Policy.of(profile, bundle.manifest.thresholds, bundle.identity)
        self.passages = list(_passages(self.table, in_order(skins), size))
        self.old = self.facts(0.0)
        self.most = profile.update.most_disagreement
        self.shadow_fruit, self.share = profile.update.shadow_fruit, profile.update.shadow_share

    def facts(self, nudge: float, only_new: bool = False) -> list[dict[str, Any]]:
        """What a bundle says of every fruit: nudged by so much, in logits, in its ripeness."""
        draw = random.Random(SEED)
        found = []
        for passage in self.passages:
            push = [draw.gauss(0, nudge) if nudge else 0.0 for _ in range(3)]
            found.append(self._decided(passage, push if passage.new or not only_new else [0.0] * 3))
        return found

    def _decided(self, passage: Passage, push: Sequence[float]) -> dict[str, Any]:
        looks = []
        for one in passage.looks:
            logits = [float(self.table.logits[n + 128]) for n in one.outputs]
            logits[:3] = [logit + more for logit, more in zip(logits, push, strict=False)]
            grades = grades_of(logits, unknown=one.unknown)
            looks.append(Look("r.1", 0, one.sharpness, grades.scores, grades.unknown_score))
        track = Track("r.1", 0, 0, 100.0, 60.0, tuple(looks))
        verdict = decide(track, False, self.policy, 0)
        return {
            "outlet": verdict.outlet,
            "right": verdict.reason == "graded" and verdict.label == passage.label,
            "doubtful": verdict.reason == "doubtful",
            "unknown": verdict.reason == "unknown",
            "damaged": verdict.reason == "graded" and verdict.label == LABELS[-1],
            "torn": is_torn(track),
        }


def _passages(table: Table, skins: Sequence[Any], size: int) -> Any:
    draw, first = random.Random(SEED), {}
    row = 0
    for skin in skins:
        first[skin.skin_id] = row
        row += skin.views
    fruit = sorted({skin.skin_id for skin in skins})
    made = 0
    while made < size:
        skin = draw.choice(skins)
        condition = [draw.randrange(n) for n in CONDITIONS]
        turn = table.turn(first[skin.skin_id], skin.views, *condition)
        start, step = draw.randrange(skin.views), max(1, round(skin.views / 12))
        looks = [turn[(start + n * step) % skin.views] for n in range(LOOKS)]
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
        self._line = line
        self._old, self._new = _counts(line.old), _counts(new)
        self._differ = np.array([a["outlet"] != b["outlet"] for a, b in zip(line.old, new, strict=True)])
        is_new = np.array([passage.new for passage in line.passages])
        self._all = np.arange(len(is_new))
        self._before = self._all[~is_new] if unseen else self._all

    def run(self, seed: int) -> Ended:
        draw, line = np.random.default_rng(seed), self._line
        past = self._old[draw.choice(self._before, PAST)].sum(0).tolist()
        before = Figures(bundle="old", fruit=PAST, **dict(zip(_NAMES, past, strict=True)))
        differ = np.cumsum(self._differ[draw.choice(self._before, line.shadow_fruit)])
        for fruit in range(EVERY, line.shadow_fruit + 1, EVERY):
            if why := parted(_compared(fruit, differ), line.most):
                return Ended("shadow", 0, why)
        limit = allowed(_compared(line.shadow_fruit, differ), line.most)
        fed = draw.choice(self._all, PROBATION)
        counts = np.cumsum(self._new[fed], 0)
        beside = np.cumsum(self._differ[fed[:: round(1 / line.share)]])
        for fruit in range(EVERY, PROBATION + 1, EVERY):
            figures = Figures(bundle="new", fruit=fruit, **dict(zip(_NAMES, counts[fruit - 1].tolist(), strict=True)))
            both = int(fruit * line.share)
            if why := worse(before, figures) or parted(_compared(both, beside), limit):
                return Ended("probation", fruit, why)
        return Ended("committed", PROBATION)


def _compared(fruit: int, differ: NDArray[np.int64]) -> Compared:
    return Compared(bundle="new", beside="old", fruit=fruit, differ=int(differ[fruit - 1]))


def _nudge(line: Line, is_too_little: Callable[[Sequence[Mapping[str, Any]]], bool], only_new: bool = False) -> float:
    """So much that it is just not too little any more."""
    low, high = 0.0, 40.0
    for _ in range(10):
        middle = (low + high) / 2
        if is_too_little(line.facts(middle, only_new)):
            low = middle
        else:
            high = middle
    return high


def _elsewhere(line: Line, facts: Sequence[Mapping[str, Any]]) -> float:
    return sum(a["outlet"] != b["outlet"] for a, b in zip(line.old, facts, strict=True)) / len(facts)


def _right(line: Line, facts: Sequence[Mapping[str, Any]], only_new: bool = False) -> float:
    counted = [fact["right"] for fact, one in zip(facts, line.passages, strict=True) if one.new or not only_new]
    return sum(counted) / max(1, len(counted))


def regressions(trial: Trial) -> Finding:
    """Good updates, bad ones, and ones that are bad at what nobody had seen."""
    line = Line(trial.count(POOL, 400))
    lowered = RIGHT[1] / RIGHT[0] * _right(line, line.old)
    good, bad = trial.count(GOOD, 5), trial.count(BAD, 5)
    cases = {
        "as good": (line.facts(_nudge(line, lambda facts: _elsewhere(line, facts) < ELSEWHERE)), False, good),
        "worse": (line.facts(_nudge(line, lambda facts: _right(line, facts) > lowered)), False, bad),
        "worse on a new cultivar": (
            line.facts(_nudge(line, lambda facts: _right(line, facts, True) > lowered / 2, True), True),
            True,
            bad,
        ),
    }
    figures: dict[str, Any] = {"right_before": round(_right(line, line.old), 4)}
    targets: list[Target] = []
    for name, (facts, unseen, times) in cases.items():
        ended = [Update(line, facts, unseen).run(SEED + n) for n in range(times)]
        figures[name] = _told(line, facts, ended)
        taken = sum(one.where != "committed" for one in ended)
        if name == "as good":
            most = _most_alarms(times)
            targets.append(at_most(f"{name}: refused or taken back, of {times}", taken, most))
        else:
            targets.append(at_least(f"{name}: refused or taken back, of {times}", taken, times))
    return Finding({**figures, "promised_false_alarms": FALSE_ALARMS}, targets, SEED)


def _told(line: Line, facts: Sequence[Mapping[str, Any]], ended: Sequence[Ended]) -> dict[str, Any]:
    fruit = sorted(one.fruit for one in ended if one.where != "committed") or [0]
    return {
        "runs": len(ended),
        "right": round(_right(line, facts), 4),
        "sent_elsewhere": round(_elsewhere(line, facts), 4),
        "ended": {where: sum(one.where == where for one in ended) for where in ("shadow", "probation", "committed")},
        "sorted_by_it_until_then": {
            f"p{share}": fruit[min(len(fruit) - 1, len(fruit) * share // 100)] for share in (0, 50, 90, 99)
        }
        | {"most": fruit[-1]},
        "why": next((one.why for one in ended if one.why), ""),
    }


def _most_alarms(times: int) -> int:
    """So many are not yet clearly (5 %, one-sided binomial) more than was promised: shadow and probation together."""
    chance, total, k = FALSE_ALARMS, 0.0, 0
    while (total := total + comb(times, k) * chance**k * (1 - chance) ** (times - k)) < 0.95:
        k += 1
    return k
