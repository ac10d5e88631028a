"""What a bundle is worth in a plant: a machine with it, people alone, and both together, by the profile's `[money]`.

The machine's outlets are the device's own decisions on passages. A person puts a fruit where it belongs with the
profile's `right`, and their errors fall evenly on the other outlets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from math import fsum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.bundle import Thresholds
from edge.config import Profile
from edge.datapath import BELT_END, LABELS, UNKNOWN, Track, Verdict
from edge.grade.verdict import Policy, decide
from edge.sections import People
from training.evaluation.statistics import Figure, Statistic, Weights, figure
from training.passages import Passage


def money_figures(passages: Sequence[Passage], profile: Profile, thresholds: Thresholds) -> dict[str, Any]:
    """Tomatoes alone; empty where the profile has no worth. `currency`, `mix` and `fruit`: what a fruit brings by way
    of routing in that mix, a figure each: `machine` what ships; `argmax` the likeliest label's own outlet;
    `doubt_to_people` each label's own outlet, and by hand whatever the promise does not cover; `people` all by hand;
    `both` what ships, and by hand what that leaves at the belt's end. `left` and `doubt` are the shares of the last and
    of the promise's. `over`: what the machine brings more than `argmax`, and, its own cost taken off, than `people`,
    compared fruit by fruit. `ways`: machine, people and both at the machine's feed, `per_hour`, `per_tonne` and how
    many `people` that takes."""
    told = [passage for passage in passages if passage.grade in LABELS]
    if not profile.money.worth or not told:
        return {}
    plant = _Plant(profile, thresholds)
    brought = [plant.ways(passage) for passage in told]
    keys, mix = [passage.fruit_key for passage in told], mix_of(profile)
    mean = _in_the_mix([passage.grade for passage in told], mix)
    found = {way: figure(keys, mean([one[way] for one in brought])) for way in brought[0]}
    own_cost = {"argmax": 0.0, "people": profile.money.cost_per_hour / profile.money.fruit_per_hour}
    over = {
        way: figure(keys, mean([one["machine"] - cost - one[way] for one in brought]))
        for way, cost in own_cost.items()
        if way in found
    }
    ways = _per_hour(found, profile)
    return {"currency": profile.money.currency, "mix": mix, "fruit": found, "over": over, "ways": ways}


def mix_of(profile: Profile) -> dict[str, float]:
    return dict(profile.money.mix) or dict.fromkeys(LABELS, 1 / len(LABELS))


class _Plant:
    """A profile's money, a person's work in it, and the device's policy under it."""

    def __init__(self, profile: Profile, thresholds: Thresholds) -> None:
        self.worth, self.people = profile.money.worth, profile.money.people
        self.own = {label: profile.outlet_of(label) for label in (*LABELS, UNKNOWN)}
        self._policy = Policy.of(profile, thresholds, "evaluated")
        self._promise = replace(self._policy.judge, promise=True)

    def decided(self, passage: Passage) -> Verdict:
        return decide(Track(passage.fruit_key, 0, 0, 0.0, 0.0, passage.looks), False, self._policy, 0)

    def ways(self, passage: Passage) -> dict[str, float]:
        """What the fruit brings by way of routing; see `money_figures`."""
        row, verdict = self.worth[passage.grade], self.decided(passage)
        is_left = verdict.outlet == BELT_END and verdict.reason != "graded"
        found = {
            "machine": row[verdict.outlet],
            "argmax": row[self.own[LABELS[int(np.argmax(verdict.scores))]]],
            "left": float(is_left),
        }
        if self.people is None:
            return found
        by_hand = self._by_hand(passage.grade, self.people)
        looks = len(passage.looks)
        is_doubt = verdict.label == UNKNOWN or self._promise.doubts(
            passage.grades(self._promise), verdict.label, verdict.confidence, looks
        )
        return found | {
            "doubt_to_people": by_hand if is_doubt else row[self.own[verdict.label]],
            "doubt": float(is_doubt),
            "people": by_hand,
            "both": by_hand if is_left else row[verdict.outlet],
        }

    def _by_hand(self, grade: str, people: People) -> float:
        """What a fruit brings that a person sorts, their time taken off."""
        row, own = self.worth[grade], self.own[grade]
        others = [row[outlet] for outlet in sorted({*self.own.values(), BELT_END} - {own})]
        brought = people.right * row[own] + (1 - people.right) * fsum(others) / len(others)
        return brought - people.cost_per_hour / people.fruit_per_hour


def _in_the_mix(grades: Sequence[str], mix: dict[str, float]) -> Callable[[Sequence[float]], Statistic]:
    """The mean in the mix: of each grade that there is, then over the grades."""
    of = np.asarray(grades)
    present = sorted(set(grades))
    shares = np.array([mix[grade] for grade in present])
    members = np.stack([of == grade for grade in present]).astype(float)

    def mean(values: Sequence[float]) -> Statistic:
        held = np.asarray(values)

        def weighted(weights: Weights) -> NDArray[np.float64]:
            counts = weights @ members.T
            sums = (weights * held) @ members.T
            with np.errstate(invalid="ignore"):
                found: NDArray[np.float64] = (sums / counts) @ (shares / shares.sum())
            return found

        return weighted

    return mean


def _per_hour(found: dict[str, Figure], profile: Profile) -> dict[str, dict[str, float]]:
    """The three ways to run a line at the machine's feed. A fruit that is sorted by hand has its cost taken off."""
    money = profile.money
    fed, tonnes = money.fruit_per_hour, money.fruit_per_hour * money.fruit_kg / 1000
    handled = {"machine": 0.0, "people": 1.0, "both": found["left"]["value"]}
    rows = {}
    for way, by_hand in handled.items():
        if way in found:
            per_hour = found[way]["value"] * fed - (0.0 if way == "people" else money.cost_per_hour)
            people = by_hand * fed / money.people.fruit_per_hour if money.people else 0.0
            rows[way] = {
                "per_hour": round(per_hour, 2),
                "per_tonne": round(per_hour / tonnes, 2),
                "people": round(people, 2),
            }
    return rows
