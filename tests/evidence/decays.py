"""Seeded decay, from 19 fruit in 20 right to 14: how many fruit until the alarm, and whether it names the right cause;
and a thousand seasons on a healthy machine: how many false alarms.

At the level of decisions (`tests.evidence.worn`), and a hundredth of the runs once more on the whole line in virtual
time, with rendered frames (`tests.evidence.worn_line`). In every run, healthy or not, a season changes what share of
the fruit has which grade, and how ripe the fruit of a grade are.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import comb, tau
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.datapath import LABELS
from edge.watch.drift import Drift, fruit_per_week
from tests.evidence import worn_line
from tests.evidence.trial import Finding, Target, Trial, at_least, at_most
from tests.evidence.worn import AFTER, LEVELS, Passage, Pools, pools, right

SEED = 60
POOL, RUNS, HEALTHY = 4_000, 100, 1_000
PIXELS = 100
"""One of so many runs is made at `pixels` too."""
SEASON = 6_000
"""Fruit of a healthy run: those that show what is usual, and a whole season behind them."""
RAMP, MOST = 2_000, 10_000
"""Fruit until a decay is complete, and the most that are waited for behind its beginning."""
BATCH = 100
NAMED = 0.8
CAUSES = {"lamp": "drift_lamp", "lens": "drift_lens", "cultivar": "drift_cultivar", "bundle": "drift_bundle"}
_MIX, _RIPER = 1.0, 0.5
"""Strength of a season: of a grade's share, as a logarithm either way, and of its fruit's ripeness, in deviations."""
_PEAKS = (0.0, 1.5, 3.0, 2.0)
"""When in a season, in radians, each of the LABELS is most frequent."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """After so many fruit of a decay, with so many of the fruit right by then; `code` is empty where none came."""

    code: str
    fruit: int
    right: float


class Season:
    """Fruit of a healthy machine, as they change."""

    def __init__(self, well: Sequence[Passage], draw: np.random.Generator) -> None:
        self.well, self.draw = well, draw
        self._label = np.array([LABELS.index(one.label) for one in well])
        self._ripe = np.array([one.ripe for one in well])
        self._from = draw.uniform(0, tau)

    def batch(self, share: float) -> NDArray[np.int64]:
        """Which passages come next, when such a share of the season is over."""
        at = self._from + tau * share
        mix = np.exp(_MIX * np.cos(at - np.array(_PEAKS)))
        weight = mix[self._label] * np.exp(_RIPER * np.sin(at) * self._ripe)
        return self.draw.choice(len(self.well), BATCH, p=weight / weight.sum())


_shared: list[Pools] = []
"""What each process was handed at its start."""


def healthy(seed: int) -> list[str]:
    """Alarms of a healthy run."""
    (made,) = _shared
    season, drift = Season(made.well, np.random.default_rng((SEED, seed))), Drift(made.profile, "own")
    told: list[str] = []
    for n in range(0, SEASON, BATCH):
        for which in season.batch(n / SEASON):
            drift.take(made.well[which].seen, "own")
        told += [news.code for news in drift.news() if news.raised]
    return told


def decay(cause: str, seed: int) -> Alarm:
    """The first alarm of a run that decays by one cause."""
    (made,) = _shared
    return Decay(made, cause)(seed)


@dataclass(frozen=True, slots=True)
class Decay:
    """The first alarm of a run that decays by one cause, once what is usual is known."""

    pools: Pools
    cause: str

    def __call__(self, seed: int) -> Alarm:
        draw = np.random.default_rng((SEED, seed))
        season, drift = Season(self.pools.well, draw), Drift(self.pools.profile, "own")
        usual = self.pools.profile.watch.reference_fruit
        for n in range(0, usual, BATCH):
            for which in season.batch(n / SEASON):
                drift.take(self.pools.well[which].seen, "own")
        list(drift.news())
        cultivar = self.pools.cultivars[seed % len(self.pools.cultivars)]
        bundle = "new" if self.cause == "bundle" else "own"
        for n in range(0, MOST, BATCH):
            gone = min(1.0, n / RAMP)
            for k, which in enumerate(season.batch((usual + n) / SEASON)):
                drift.take(self._passage(which, gone, draw, cultivar).seen, bundle)
                if told := [news.code for news in drift.news() if news.raised]:
                    return Alarm(told[0], n + k + 1, self._right(gone))
        return Alarm("", MOST, self._right(1.0))

    def _passage(self, which: int, gone: float, draw: np.random.Generator, cultivar: Sequence[Passage]) -> Passage:
        """The next fruit, of a decay that is so far gone. Those of worn pools are as the season has them, by label."""
        well, chance = self.pools.well[which], draw.random()
        if self.cause == "cultivar":
            return cultivar[draw.integers(len(cultivar))] if chance < gone * self.pools.share else well
        if self.cause == "bundle":
            return _alike(self.pools.bundle, well, draw)
        # Between two levels that were recorded, fruit of either come.
        level, part = divmod(gone * len(LEVELS), 1.0)
        at = int(level) - (chance >= part)
        return well if at < 0 else _alike(self.pools.worn[self.cause][min(at, len(LEVELS) - 1)], well, draw)

    def _right(self, gone: float) -> float:
        well = right(self.pools.well)
        if self.cause == "bundle":
            return right(self.pools.bundle)
        end = AFTER if self.cause == "cultivar" else right(self.pools.worn[self.cause][-1])
        if self.cause == "cultivar":
            return well + gone * (end - well)
        return float(np.interp(gone, (0.0, *LEVELS), (well, *map(right, self.pools.worn[self.cause]))))


def _alike(pool: Sequence[Passage], like: Passage, draw: np.random.Generator) -> Passage:
    """A fruit of the same grade, about as ripe; of few, one that may be less so."""
    found = like
    for _ in range(100):
        one = pool[draw.integers(len(pool))]
        if one.label == like.label:
            found = one
            if abs(one.ripe - like.ripe) < 0.5:
                break
    return found


def decays(trial: Trial) -> Finding:
    """Four causes, a season, and some of both on the whole line."""
    made = pools(trial.folder, trial.count(POOL, 300), 1 if trial.size >= 1 else 16)
    figures: dict[str, Any] = {"right": _rights(made), "cultivar_share": round(made.share, 3), "rounding": made.step}
    targets: list[Target] = []
    with ProcessPoolExecutor(2, initializer=_shared.append, initargs=(made,)) as pool:
        for cause, code in CAUSES.items():
            alarms = list(pool.map(partial(decay, cause), range(trial.count(RUNS, 3)), chunksize=5))
            figures[cause] = _told(alarms, code)
            targets.append(at_least(f"{cause}: right cause named, share", figures[cause]["named"], NAMED))
            trial.say(f"{cause}: {figures[cause]}")
        runs = trial.count(HEALTHY)
        alarms_told = list(pool.map(healthy, range(runs), chunksize=5))
        figures["healthy"] = _promise(made, alarms_told)
        allowed = figures["healthy"]["allowed"]
        targets.append(at_most("healthy runs with an alarm", sum(map(bool, alarms_told)), allowed))
        trial.say(f"healthy: {figures['healthy']}")
        figures["at pixels"], more = _at_pixels(trial, made, pool)
    return Finding(figures, [*targets, *more], SEED)


def _rights(made: Pools) -> dict[str, Any]:
    worn = {cause: [round(right(pool), 3) for pool in levels] for cause, levels in made.worn.items()}
    return {"before": round(right(made.well), 3), **worn, "bundle": round(right(made.bundle), 3), "cultivar": AFTER}


def _told(alarms: Sequence[Alarm], code: str) -> dict[str, Any]:
    fruit = sorted(alarm.fruit for alarm in alarms)
    rights = sorted(alarm.right for alarm in alarms)
    return {
        "runs": len(alarms),
        "fruit_until_alarm": {f"p{share}": fruit[min(len(fruit) - 1, len(fruit) * share // 100)] for share in (50, 90)},
        "right_by_then": round(rights[len(rights) // 2], 3),
        "named": round(sum(alarm.code == code for alarm in alarms) / len(alarms), 3),
        "causes": {name or "none": sum(a.code == name for a in alarms) for name in sorted({a.code for a in alarms})},
    }


def _promise(made: Pools, told: Sequence[Sequence[str]]) -> dict[str, Any]:
    watched = SEASON - made.profile.watch.reference_fruit
    chance = watched * made.profile.watch.false_alarms_per_week / fruit_per_week(made.profile)
    return {
        "runs": len(told),
        "fruit_watched_in_each": watched,
        "hours_of_the_line_in_all": round(len(told) * watched / fruit_per_week(made.profile) * 168),
        "promised_a_week": made.profile.watch.false_alarms_per_week,
        "promised_chance_in_a_run": round(chance, 6),
        "allowed": most_alarms(len(told), chance),
        "alarms": sorted(code for one in told for code in one),
    }


def most_alarms(runs: int, chance: float) -> int:
    """So many are not yet clearly (5 %, one-sided binomial) more than was promised."""
    total, k = 0.0, 0
    while (total := total + comb(runs, k) * chance**k * (1 - chance) ** (runs - k)) < 0.95:
        k += 1
    return k


def _at_pixels(trial: Trial, made: Pools, pool: Executor) -> tuple[dict[str, Any], list[Target]]:
    """At a small size the scenario tests stand for it."""
    if trial.size < 1:
        return {}, []
    figures: dict[str, Any] = {}
    targets: list[Target] = []
    line = partial(worn_line.decay, trial.folder, made.share)
    runs = {cause: [pool.submit(line, cause, seed) for seed in range(RUNS // PIXELS)] for cause in CAUSES}
    well = [pool.submit(line, "", seed) for seed in range(HEALTHY // PIXELS)]
    for cause, code in CAUSES.items():
        found = [run.result() for run in runs[cause]]
        figures[cause] = [{"cause": named, "fruit": fruit} for named, fruit in found]
        named_right = sum(named == code for named, _ in found)
        targets.append(at_least(f"{cause}, at pixels: right cause named", named_right, len(found)))
        trial.say(f"{cause}, at pixels: {figures[cause]}")
    alarms = [code for run in well if (code := run.result()[0])]
    figures["healthy"] = {"runs": HEALTHY // PIXELS, "fruit_in_each": worn_line.HEALTHY, "alarms": alarms}
    trial.say(f"healthy, at pixels: {figures['healthy']}")
    return figures, [*targets, at_most("healthy, at pixels: alarms", len(alarms), 0)]
