"""From which balls a gate took to its delays, their spread and its place: a probit fit by maximum likelihood.

A gate that opens at an instant takes the balls whose middle passes later; one that closes, those that have passed. With
`lag` from the command to when a ball stands at the profile's place of the gate, and the gate `off` further down, one is
taken on opening where `lag + off / speed > open delay`, on closing where `lag + off / speed < close delay`. So at one
speed of the belt place and delay show as one sum: the place is left as it is, and the delays make up for it. Two speeds
tell them apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from edge.calibrate.measured import Measured

_SPREADS_MS = tuple(0.1 * 1.25**n for n in range(21))
"""The spreads that are tried: up to 9 ms."""

_USUAL_SPREAD = log(1.0), 1.5
_LAPSE = 0.01
"""A ball that bumps, or a fall that is not seen, in so many."""

_APART = 1.2
"""Speeds that differ by this factor tell place and delay apart."""

_PLACE_SD_MM, _DELAY_SD_MS = 20.0, 50.0
"""How far off the profile may be: wide enough to say nothing where the balls say something."""

_ROUNDS = 40


@dataclass(frozen=True, slots=True)
class Trial:
    """One ball at one edge of a gate's pulse. `lag_ms`: from the command to when it passed, give or take `sd_ms`."""

    opens: bool
    lag_ms: float
    sd_ms: float
    speed_mm_s: float
    taken: bool


@dataclass(frozen=True, slots=True)
class GateFound:
    """`off_mm`: how far down the belt from the profile's place the gate is; None where one speed cannot tell. `spread`:
    how much each movement's delay spreads."""

    open_ms: Measured
    close_ms: Measured
    off_mm: Measured | None
    spread_ms: float
    speeds_mm_s: tuple[float, float]


def fit(trials: Sequence[Trial], open_ms: float, close_ms: float) -> GateFound:
    """Of trials at both edges; the delays are the profile's, from which it begins."""
    speeds = [trial.speed_mm_s for trial in trials]
    apart = max(speeds) > _APART * min(speeds)
    rows = np.array([_row(trial, apart) for trial in trials])
    known = np.array([trial.lag_ms if trial.opens else -trial.lag_ms for trial in trials])
    sds = np.array([trial.sd_ms for trial in trials])
    taken = np.array([trial.taken for trial in trials])
    start = np.array([open_ms, close_ms, 0.0][: rows.shape[1]])
    best: tuple[float, float, NDArray[np.float64], NDArray[np.float64]] | None = None
    for spread in _SPREADS_MS:
        found, information, likelihood = _at_spread(rows, known, np.hypot(sds, spread), taken, start)
        likelihood -= ((log(spread) - _USUAL_SPREAD[0]) / _USUAL_SPREAD[1]) ** 2 / 2
        if best is None or likelihood > best[0]:
            best = likelihood, spread, found, information
    assert best is not None
    _, spread, found, information = best
    sd = np.sqrt(np.diag(np.linalg.inv(information)))
    opened, closed, *place = (Measured(float(v), float(s), len(trials)) for v, s in zip(found, sd, strict=True))
    return GateFound(opened, closed, place[0] if place else None, spread, (min(speeds), max(speeds)))


def _row(trial: Trial, apart: bool) -> list[float]:
    """What one unit of each unknown adds to how surely a ball is taken, in ms."""
    sign = 1.0 if trial.opens else -1.0
    row = [-1.0, 0.0] if trial.opens else [0.0, 1.0]
    return [*row, sign * 1000 / trial.speed_mm_s] if apart else row


def _at_spread(
    rows: NDArray[np.float64],
    known: NDArray[np.float64],
    sds: NDArray[np.float64],
    taken: NDArray[np.bool_],
    start: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """Fisher scoring: the unknowns, their information and the log likelihood."""
    prior = np.diag([_DELAY_SD_MS**-2, _DELAY_SD_MS**-2, _PLACE_SD_MM**-2][: len(start)])
    found = start.copy()
    for _ in range(_ROUNDS):
        z = (known + rows @ found) / sds
        chance, density = _chance(z)
        weight = density / (chance * (1 - chance))
        gradient = rows.T @ (weight * (taken - chance) / sds) - prior @ (found - start)
        information = rows.T @ (rows * (weight * density / sds**2)[:, None]) + prior
        step = np.linalg.solve(information, gradient)
        found = found + np.clip(step, -3.0, 3.0)
        if np.abs(step).max() < 1e-4:
            break
    chance, density = _chance((known + rows @ found) / sds)
    off = found - start
    likelihood = float(np.log(np.where(taken, chance, 1 - chance)).sum() - off @ prior @ off / 2)
    information = rows.T @ (rows * (density**2 / (chance * (1 - chance)) / sds**2)[:, None]) + prior
    return found, information, likelihood


def _chance(z: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The chance that a ball is taken, and how it changes with z."""
    whole = 1 - 2 * _LAPSE
    tail = np.exp(-np.minimum(z * z, 200.0) / 2)
    # Abramowitz and Stegun 7.1.26, to 1.5e-7: NumPy has no error function.
    t = 1 / (1 + 0.3275911 * np.abs(z) / sqrt(2))
    upper = (((((1.061405429 * t - 1.453152027) * t) + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t * tail / 2
    return _LAPSE + whole * np.where(z > 0, 1 - upper, upper), whole * tail / sqrt(2 * pi)
