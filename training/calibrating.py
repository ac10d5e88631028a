"""How looks become chances: the bundle's `fusion`, fitted on passages of validation fruit by their likelihood.

Every grade weighs the same, and within it every source, so the chances are told for an even mix of grades.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.bundle import AtLooks, Fusion
from edge.datapath import LABELS
from edge.grade.fusion import DAMAGED, peak_log_odds
from training.conformal import PROMISE
from training.passages import Passage, shortened

LOOKS = (1, 2, 4, 8, 12)

_PEAKS = (0.5, 1.0, 2.0)
_EXPONENTS = np.geomspace(0.25, 8.0, 41)
_RIDGE = 0.02
"""Keeps the slope finite where damage and soundness part without an error, as few fruit may by luck."""

_FLOORS = (0.0, 0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3)
_STEPS = 50
_TINY = 1e-6

Vector = NDArray[np.float64]


def fit(passages: Sequence[Passage]) -> Fusion | None:
    """The fusion but for its thresholds: `damaged` is 0.5 in every row and nothing is ruled out. Passages of
    tomatoes as long as the device's; None where no passage turns or a class is missing: nothing can be fitted."""
    curve = {looks: found for looks, found in shortened(passages, LOOKS).items() if _both(found)}
    if max(curve, default=1) == 1:
        return None
    fitted = {peak: [_row(looks, found, peak) for looks, found in curve.items()] for peak in _PEAKS}
    peak = min(fitted, key=lambda peak: sum(loss for _, loss in fitted[peak]))
    return Fusion(
        peak=peak,
        ripeness=_exponent(curve[max(curve)]),
        mix=dict.fromkeys(LABELS, 1 / len(LABELS)),
        promise=PROMISE,
        promised={},
        at=tuple(row for row, _ in fitted[peak]),
    )


def even_weights(passages: Sequence[Passage]) -> Vector:
    """Weights that add up to 1: every grade alike, and every source within it."""
    cells = Counter((passage.grade, passage.source) for passage in passages)
    sources = Counter(grade for grade, _ in cells)
    weights: Vector = np.array([1 / (cells[p.grade, p.source] * sources[p.grade]) for p in passages])
    return np.asarray(weights / weights.sum())


def logistic(values: Vector, yes: NDArray[np.bool_], weights: Vector, floor: float = 0.0) -> tuple[float, float]:
    """Scale (above 0) and offset of the log-odds of `yes` above a floor of its chance, by Fisher's scoring on the
    weighted likelihood."""
    found = np.array([1.0, 0.0])
    design = np.stack([values, np.ones_like(values)])
    for _ in range(_STEPS):
        shown = 1 / (1 + np.exp(-np.clip(found @ design, -30, 30)))
        chance = floor + (1 - floor) * shown
        rise = (1 - floor) * shown * (1 - shown)
        pull = weights * rise / np.maximum(chance * (1 - chance), _TINY**2)
        slope = design @ (pull * (chance - yes)) + _RIDGE * np.array([found[0] - 1, 0.0])
        bend = (design * (pull * rise)) @ design.T + np.diag([_RIDGE, _TINY])
        step = np.linalg.solve(bend, slope)
        found -= step * min(1.0, 2.0 / max(_TINY, float(np.abs(step).max())))
    return max(0.05, float(found[0])), float(found[1])


def _both(passages: Sequence[Passage]) -> bool:
    return len({passage.grade == LABELS[DAMAGED] for passage in passages}) == 2


def _row(looks: int, passages: Sequence[Passage], peak: float) -> tuple[AtLooks, float]:
    """A row and its loss, in nats."""
    fused = np.array([peak_log_odds([look.scores[DAMAGED] for look in p.looks], peak) for p in passages])
    damaged = np.array([passage.grade == LABELS[DAMAGED] for passage in passages])
    weights = even_weights(passages)
    tried = []
    for floor in _FLOORS:
        scale, offset = logistic(fused, damaged, weights, floor)
        chance = floor + (1 - floor) / (1 + np.exp(-np.clip(scale * fused + offset, -30, 30)))
        loss = -float(weights @ np.log(np.where(damaged, chance, 1 - chance)))
        row = AtLooks(looks=looks, scale=round(scale, 4), offset=round(offset, 4), floor=floor, damaged=0.5)
        tried.append((row, loss))
    return min(tried, key=lambda one: one[1])


def _exponent(passages: Sequence[Passage]) -> float:
    """The power of the ripeness shares at which the true ones are likeliest; damaged fruit have no ripeness."""
    sound = [passage for passage in passages if passage.grade in LABELS[:DAMAGED]]
    shares = np.array([passage.fused.scores[:DAMAGED] for passage in sound]).clip(_TINY)
    true = np.array([LABELS.index(passage.grade) for passage in sound])
    logs, weights = np.log(shares), even_weights(sound)
    losses = [_loss(logs * power, true, weights) for power in _EXPONENTS]
    return round(float(_EXPONENTS[int(np.argmin(losses))]), 3)


def _loss(logs: Vector, true: NDArray[np.int_], weights: Vector) -> float:
    whole = np.logaddexp.reduce(logs, axis=1)
    return float(weights @ (whole - logs[np.arange(len(true)), true]))
