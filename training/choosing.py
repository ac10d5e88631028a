"""The bundle's thresholds, chosen on passages of validation fruit: what many looks make likelier is in them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.bundle import Fusion, Thresholds
from edge.datapath import LABELS, UNKNOWN
from edge.grade.fusion import DAMAGED, Judge
from training import calibrating
from training.conformal import own_chances, promised_row
from training.passages import Passage, shortened

_HIGHEST = 0.5
"""Of `least_confidence`: a fruit that is likelier one grade than all others together is never in doubt."""

_LEAST_STRANGE = 0.5
"""Of `most_unknown`: the score's own middle between tomatoes and strangers (`training.reference`)."""

_FALSE_ALARMS = (0.005, 0.02)
"""Least and most of the share of sound fruit called damaged, in the source with most of them. What is released is
allowed 0.03: the fruit of other places are called damaged more often than those of validation."""

_SLACK = 1e-9
_ABOVE = 0.0002
"""More than thresholds are rounded by."""

Chances = NDArray[np.float64]


def choose(passages: Sequence[Passage], refused: float) -> Thresholds:
    """First how looks become chances, then damage, then strangeness, then what the promise rules out, then doubt;
    strangeness and doubt each cost at most `refused` of the good passages."""
    tomatoes = [passage for passage in passages if passage.grade != UNKNOWN]
    fusion = calibrating.fit(tomatoes)
    plain = Thresholds(least_confidence=0.0, most_unknown=1.0, damaged=0.5, fusion=fusion)
    turned = [passage for passage in tomatoes if passage.turned] or tomatoes
    damaged = _damaged(turned, Judge.of(plain), _FALSE_ALARMS[1])
    if fusion is not None:
        fusion = _alike(fusion, tomatoes, damaged, Judge.of(plain))
    # Strangeness is fused as the device does.
    fused = plain.model_copy(update={"fusion": fusion, "damaged": round(damaged, 4)})
    most_unknown = _most_unknown(passages, Judge.of(fused), refused)
    judged = fused.model_copy(update={"most_unknown": round(most_unknown, 4)})
    return judged.model_copy(update={"least_confidence": _least_confidence(tomatoes, Judge.of(judged), refused)})


def _damaged(turned: Sequence[Passage], judge: Judge, alarms: float) -> float:
    """The chance from which most fruit are right, every source and grade weighing the same; of equals, the middle. No
    source may have more false alarms than `alarms`."""
    cells = Counter((passage.source, passage.grade) for passage in turned)
    share = np.array([1 / cells[passage.source, passage.grade] for passage in turned])
    chance = _damage(turned, judge)
    is_damaged = np.array([passage.grade == LABELS[DAMAGED] for passage in turned])
    if not is_damaged.any():
        return 0.5
    steps = np.unique(np.concatenate([[0.02], chance, [0.98]]))
    lowest = _level(turned, chance, alarms) if judge.fusion else 0.0
    candidates = (steps[1:] + steps[:-1]) / 2
    candidates = candidates[candidates >= min(lowest, candidates[-1])]
    right = np.array([(share * ((chance >= c) == is_damaged)).sum() for c in candidates])
    best = candidates[right >= right.max() - 1e-9]
    return float(best[len(best) // 2])


def _alike(fusion: Fusion, tomatoes: Sequence[Passage], damaged: float, judge: Judge) -> Fusion:
    """The fusion with its thresholds: with fewer looks no more sound fruit are called damaged than with most."""
    curve = shortened(tomatoes, [row.looks for row in fusion.at])
    most = curve[fusion.at[-1].looks]
    alarms = float(np.clip(_false_alarms(most, _damage(most, judge), damaged), *_FALSE_ALARMS))
    rows = []
    for row in fusion.at:
        found = curve[row.looks]
        level = damaged if row is fusion.at[-1] else _damaged(found, judge, alarms)
        placed = row.model_copy(update={"damaged": round(level, 4)})
        rows.append(promised_row(placed, found, judge))
    fruit = {grade: len(chances) for grade, chances in own_chances(most, judge).items()}
    return fusion.model_copy(update={"at": tuple(rows), "promised": {g: fruit.get(g, 0) for g in LABELS}})


def _damage(passages: Sequence[Passage], judge: Judge) -> Chances:
    return np.array([passage.grades(judge).scores[DAMAGED] for passage in passages])


def _sound(passages: Sequence[Passage], chance: Chances) -> list[Chances]:
    """The chances of damage of each source's sound fruit."""
    found: dict[str, list[float]] = defaultdict(list)
    for passage, own in zip(passages, chance, strict=True):
        if passage.grade != LABELS[DAMAGED]:
            found[passage.source].append(float(own))
    return [np.array(chances) for chances in found.values()]


def _false_alarms(passages: Sequence[Passage], chance: Chances, damaged: float) -> float:
    return max((float((own >= damaged).mean()) for own in _sound(passages, chance)), default=0.0)


def _level(passages: Sequence[Passage], chance: Chances, alarms: float) -> float:
    """The chance of damage above which no source has more than a share of its sound fruit."""
    levels = [np.sort(own)[::-1][int(alarms * len(own) + _SLACK)] for own in _sound(passages, chance)]
    return min(1.0, float(max(levels, default=0.5)) + _ABOVE)


def _most_unknown(passages: Sequence[Passage], judge: Judge, refused: float) -> float:
    """Between the strangest tomatoes and the strangers, nearer to these: tomatoes of other varieties and cameras look
    stranger than those of validation."""
    kept = _strangeness(passages, judge, strangers=False)
    strangers = _strangeness(passages, judge, strangers=True)
    least = float(np.quantile(kept, 1 - refused)) if len(kept) else 0.5
    most = float(np.quantile(strangers, 0.02)) if len(strangers) else 1.0
    return float(np.clip(least + 0.75 * max(0.0, most - least), _LEAST_STRANGE, 0.98))


def _strangeness(passages: Sequence[Passage], judge: Judge, *, strangers: bool) -> Chances:
    return np.array([p.grades(judge).unknown_score for p in passages if (p.grade == UNKNOWN) == strangers])


def _least_confidence(tomatoes: Sequence[Passage], judge: Judge, refused: float) -> float:
    # Only sound labels can be in doubt: calling a fruit damaged has its own threshold.
    sure = []
    for passage in tomatoes:
        label, confidence = judge.label(passage.grades(judge), max(1, len(passage.looks)))
        if label == passage.grade != LABELS[DAMAGED]:
            sure.append(confidence)
    return round(min(_HIGHEST, float(np.quantile(sure, refused)) if sure else 0.0), 4)
