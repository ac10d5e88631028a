"""The audit over a thousand shifts: how often its intervals hold the truth, what that costs, and how far off it is what
the machine thinks of itself. And its alarm: how often it is false where the machine is just as good as agreed.

At the level of decisions (`tests.evidence.shifts`).
"""

from __future__ import annotations

from math import comb, sqrt
from typing import Any

import numpy as np

from edge.audited.decay import decay_of
from edge.audited.estimate import right_part
from edge.audited.rate import Terms
from edge.config import load_profile
from tests.evidence.shifts import FRUIT, Audited, Pool, Shift, audit, intervals, pools, shift
from tests.evidence.trial import ROOT, Finding, Target, Trial, at_least, at_most

SHIFTS, POOL = 1_000, 4_000
SHARE = 0.02
MOVING = Terms(least=0.005, most=0.08, width=0.15)
HOLDS = 0.936
"""Of 1,000 shifts, by a 95 % interval."""
PROMISED = 0.01
STATES = ("as good as ever", "worse", "much worse")


def audits(trial: Trial) -> Finding:
    """Shifts with one share, and shifts in which it moves while the machine falls."""
    states, count = pools(trial.count(POOL, 400)), trial.count(SHIFTS, 20)
    cost = load_profile(ROOT / "firmware_config" / "profiles" / "demo.toml").audit.cost
    figures: dict[str, Any] = {"right_of_the_states": [round(float(state.right.mean()), 4) for state in states]}
    targets: list[Target] = []
    for name, falls, terms in (("one share", False, None), ("a share that moves", True, MOVING)):
        held = _Held(count)
        for seed in range(count):
            held.count(one := shift(states, seed, falls), audit(one, seed, SHARE, terms))
        figures[name] = held.figures(cost)
        targets += held.targets(name)
        for target in targets[-len(held.covered) - 1 :]:
            trial.say(f"{target.figure}: {target.found}")
    figures["alarm"], more = _alarms(states, count)
    targets += more
    for target in more:
        trial.say(f"{target.figure}: {target.found}")
    return Finding(figures, targets, 61)


class _Held:
    """Of so many shifts: in which the truth was within, and how wide that was."""

    def __init__(self, shifts: int) -> None:
        self._shifts = shifts
        self.covered: dict[str, int] = {}
        self._naive: dict[str, int] = {}
        self._width: dict[str, float] = {}
        self._off: dict[str, float] = {}
        self._audit_off: dict[str, float] = {}
        self._inspected: list[int] = []
        self._lost: list[float] = []
        self._shares: list[float] = []
        self._accuracy: list[float] = []
        self._by_state: dict[str, list[float]] = {}

    def count(self, one: Shift, found: Audited) -> None:
        truths, naive, told = one.truths(), one.naive(), intervals(found.found)
        for name, truth in truths.items():
            low, high = told[name]
            _add(self.covered, name, low <= truth <= high)
            _add(self._width, name, (high - low) / self._shifts)
            guess, fruit = naive[name]
            half = 1.96 * sqrt(max(1e-12, guess * (1 - guess)) / max(1, fruit))
            _add(self._naive, name, abs(guess - truth) <= half)
            _add(self._off, name, (guess - truth) / self._shifts)
        _add(self._audit_off, "accuracy", ((found.found.accuracy.value or 0.0) - truths["accuracy"]) / self._shifts)
        self._accuracy.append(truths["accuracy"])
        self._by_state.setdefault(STATES[one.state], []).append(naive["accuracy"][0] - truths["accuracy"])
        self._inspected.append(len(found.fruit))
        self._lost.append(found.lost)
        self._shares += found.shares

    def figures(self, cost: float) -> dict[str, Any]:
        inspected = float(np.mean(self._inspected))
        return {
            "shifts": self._shifts,
            "fruit_a_shift": FRUIT,
            "accuracy_of_the_shifts": _spread(self._accuracy),
            "inspected_a_shift": _spread(self._inspected),
            "shares": _spread(self._shares),
            "cost_a_shift": {
                "inspection": round(inspected * cost, 2),
                "not_sorted": round(float(np.mean(self._lost)), 2),
            },
            "covered": {name: n / self._shifts for name, n in self.covered.items()},
            "mean_width": {name: round(width, 4) for name, width in self._width.items()},
            "audit_off_on_the_mean": {name: round(off, 5) for name, off in self._audit_off.items()},
            "naive": {
                "covered": {name: n / self._shifts for name, n in self._naive.items()},
                "off_on_the_mean": {name: round(off, 4) for name, off in self._off.items()},
                "accuracy_off_where_the_machine_was": {name: _spread(off) for name, off in self._by_state.items()},
            },
        }

    def targets(self, name: str) -> list[Target]:
        found = [at_least(f"{name}: {what} covered", n / self._shifts, HOLDS) for what, n in self.covered.items()]
        return [
            *found,
            at_most(f"{name}: accuracy from confidence alone, covered", self._naive["accuracy"] / self._shifts, 0.5),
        ]


def _alarms(states: list[Pool], count: int) -> tuple[dict[str, Any], list[Target]]:
    """Of machines that are just as good as agreed, and of ones that fall from 95 % to 70 % after a good time."""
    false = 0
    for seed in range(count):
        one = shift(states, 10_000 + seed, falls=False)
        rights = [right_part(each) for each in audit(one, 10_000 + seed, SHARE).fruit]
        false += decay_of(rights, one.expected).alarms(PROMISED)
    draw = np.random.default_rng(61)
    until = sorted(_until(draw) for _ in range(max(20, count // 10)))
    figures = {
        "promised": PROMISED,
        "false": false,
        "inspected_until_alarm": {f"p{share}": until[len(until) * share // 100] for share in (50, 90)},
    }
    return figures, [at_most(f"false alarms of {count}", false, _most(count))]


def _until(draw: np.random.Generator, healthy: int = 400, most: int = 2_000) -> int:
    test = decay_of((draw.random(healthy) < 0.95).astype(float).tolist(), 0.93)
    for n, right in enumerate((draw.random(most) < 0.70).tolist(), 1):
        test.take(float(right))
        if test.alarms(PROMISED):
            return n
    return most


def _most(count: int) -> int:
    """So many are not yet clearly (5 %, one-sided binomial) more than was promised."""
    total, k = 0.0, 0
    while (total := total + comb(count, k) * PROMISED**k * (1 - PROMISED) ** (count - k)) < 0.95:
        k += 1
    return k


def _add(sums: dict[str, Any], name: str, what: float) -> None:
    sums[name] = sums.get(name, 0) + what


def _spread(values: list[Any]) -> dict[str, float]:
    low, middle, high = np.quantile(np.array(values, float), (0.05, 0.5, 0.95))
    return {"p5": round(float(low), 4), "p50": round(float(middle), 4), "p95": round(float(high), 4)}
