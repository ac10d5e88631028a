"""What a bundle promises of each fruit, over many splits of fruit that it has never seen, and what it is worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import sqrt

import numpy as np

from edge.bundle import FACTORY, Bundle, load_bundle
from edge.config import load_profile
from edge.datapath import LABELS
from edge.grade.fusion import Judge
from edge.grade.litert import LiteRTGrader
from tests.evidence.trial import ROOT, Finding, Target, Trial, at_least, at_most, photographs
from training.conformal import PROMISE, fewest_fruit, outcome, own_chances, promised_row
from training.dataset import lot
from training.evaluation.evaluating import VIEWS
from training.evaluation.looks import grade_all, passages
from training.evaluation.sections import LOOKS, SEED
from training.money import money_figures
from training.passages import Passage
from training.sources import held_out

_SPLITS = 200
_TIMES = 1


def promises(trial: Trial) -> Finding:
    """Half of the fruit calibrate, the other half are called: the promise, per grade and together; then money."""
    bundle = load_bundle(FACTORY)
    if bundle.manifest.thresholds.fusion is None:
        return Finding({}, missing="the factory bundle has no fusion: its chances are not calibrated")
    played = _unseen(bundle, trial.size)
    splits = _splits(played, Judge.of(bundle.manifest.thresholds), trial.count(_SPLITS, 8))
    shipped = outcome(played, Judge.of(bundle.manifest.thresholds))
    figures = {
        "bundle": bundle.identity,
        "looks": LOOKS,
        "splits": len(splits["wrong"]),
        "fruit": {grade: sum(one.grade == grade for one in played) for grade in LABELS},
        "split_error": {name: _spread(found) for name, found in splits.items()},
        "shipped": {key: round(value, 4) for key, value in shipped.items()},
        "photographs_without_a_turn": "one look each: no passage, so no part of this",
    }
    money, targets = _money(played, bundle)
    targets = [_kept(name, found) for name, found in splits.items() if name != "undecided"] + targets
    return Finding({**figures, "money": money}, targets, SEED)


def _unseen(bundle: Bundle, size: float) -> list[Passage]:
    """One passage of every tomato that turns; in a smaller measurement of fewer of them, by lot, from fewer views."""
    pictures = held_out(photographs(), bundle.manifest.origin.trained_on, VIEWS)
    kept = max(size, 0.25)
    tomatoes = [one for one in pictures if one.grade in LABELS and lot(one.fruit_key) <= kept]
    graded = grade_all(LiteRTGrader(bundle), tomatoes, SEED, lambda: None)
    return [one for one in passages(graded, LOOKS, _TIMES, SEED) if one.turned]


def _splits(played: Sequence[Passage], judge: Judge, count: int) -> dict[str, list[float]]:
    """By split: the share of the other half called wrongly, left undecided, and of each grade with fruit enough the
    share whose own grade was ruled out."""
    rng = np.random.default_rng(SEED)
    found: dict[str, list[float]] = {"wrong": [], "undecided": []}
    for _ in range(count):
        order = rng.permutation(len(played))
        half = [played[n] for n in order[: len(order) // 2]]
        rest = [played[n] for n in order[len(order) // 2 :]]
        row = promised_row(judge.at(LOOKS), half, judge)
        told = outcome(rest, replace(judge, rows={**judge.rows, LOOKS: row}))
        found["wrong"].append(told["wrong"])
        found["undecided"].append(told["undecided"])
        known, fresh = own_chances(half, judge), own_chances(rest, judge)
        for grade, chances in fresh.items():
            if len(known.get(grade, ())) >= fewest_fruit():
                lost = float(np.mean([chance < row.least[grade] for chance in chances]))
                found.setdefault(f"{grade} ruled out", []).append(lost)
    return found


def _spread(found: Sequence[float]) -> dict[str, float]:
    return {"mean": round(float(np.mean(found)), 4), "se": round(_error(found), 4), "splits": len(found)}


def _error(found: Sequence[float]) -> float:
    """The standard error of the mean over splits."""
    return float(np.std(found, ddof=1)) / sqrt(len(found)) if len(found) > 1 else 0.0


def _kept(name: str, found: Sequence[float]) -> Target:
    return at_most(f"{name}, mean over splits", round(float(np.mean(found)), 4), PROMISE + 2 * _error(found))


def _money(played: Sequence[Passage], bundle: Bundle) -> tuple[Mapping[str, object], list[Target]]:
    """With the demo profile's worth, even and in a plant of mostly sound fruit."""
    profile = load_profile(ROOT / "firmware_config" / "profiles" / "demo.toml")
    mixes = {"even": {}, "mostly red": {"green": 0.1, "turning": 0.2, "red": 0.65, "damaged": 0.05}}
    found, targets = {}, []
    for name, mix in mixes.items():
        money = profile.money.model_copy(update={"mix": mix})
        told = money_figures(played, profile.model_copy(update={"money": money}), bundle.manifest.thresholds)
        found[name] = told
        worth = {way: one["value"] for way, one in told["fruit"].items()}
        targets += [
            at_least(
                f"{name}: a fruit brings, against the likeliest label's outlet", worth["machine"], worth["argmax"]
            ),
            at_least(
                f"{name}: with what it leaves sorted by hand, against all doubt to people",
                worth["both"],
                worth["doubt_to_people"],
            ),
        ]
    return found, targets
