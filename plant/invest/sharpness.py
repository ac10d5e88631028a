"""What a better lamp would be worth: how much seldomer fruit go astray whose pictures are sharp.

A lamp is good enough where its pictures are as sharp as the sharpest third of today's: what the others go astray beyond
those is what it would save. The ratio of the two is that of Mantel and Haenszel over the grades, so that a grade whose
pictures are sharp by nature counts only against itself; its spread is Greenland and Robins'. It takes for granted that
whether a fruit's pictures are sharp does not depend on what is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from plant.invest.basis import Seen
from plant.invest.posterior import Floats, Known
from plant.report.worth import DRAWS

DOUBT = 0.5
"""Spread of what is believed of a lamp beforehand, of the logarithm of the ratio, about no difference at all: few
judged fruit move that little."""

FEWEST = 15
"""Judged fruit of a grade before the sharpest third of them says anything."""


def lamp_gain(judged: Sequence[Seen], known: Known) -> tuple[Floats, str]:
    """What it brings a fruit, a draw each, and the reasoning."""
    tables = [table for truth in known.truths if (table := _table(judged, truth, known)) is not None]
    if not tables:
        return np.zeros(DRAWS), "too few fruit of any grade were judged to compare sharp pictures with others"
    ratio, spread = _mantel_haenszel(tables)
    trust = DOUBT**2 / (DOUBT**2 + spread**2)
    # Sharper pictures harm nobody.
    draws = np.exp(np.minimum(0.0, known.rng.normal(trust * math.log(ratio), math.sqrt(trust) * spread, DRAWS)))
    own = known.worth[np.arange(len(known.truths)), known.own]
    lost = (known.shares * (own[:, None] - known.worth)[None]).sum(axis=(1, 2))
    low, high = (math.exp(side * 1.96 * spread) * ratio for side in (-1, 1))
    said = (
        f"fruit whose pictures are among the sharpest third go astray {ratio:.2f} times as often as those of their "
        f"grade do on the mean ({low:.2f} to {high:.2f}), and all that "
        f"go astray cost {float(np.mean(lost)):.4f} {known.money.currency} a fruit"
    )
    return lost * (1 - draws), said


def _table(judged: Sequence[Seen], truth: str, known: Known) -> tuple[float, float, float, float] | None:
    """Of the fruit of a grade: sharp ones astray and all sharp ones, others astray and all others."""
    own = known.outlets[int(known.own[known.of(truth)])]
    rows = [
        (one.fruit.outlet != own, one.sharpness)
        for one in judged
        if one.sharpness is not None
        for label, part in one.fruit.parts
        if label == truth and part > 0.5
    ]
    if len(rows) < FEWEST:
        return None
    astray, sharp = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    best = sharp >= np.quantile(sharp, 2 / 3)
    return float(astray[best].sum()), float(best.sum()), float(astray[~best].sum()), float((~best).sum())


def _mantel_haenszel(tables: Sequence[tuple[float, float, float, float]]) -> tuple[float, float]:
    """How often sharp ones go astray over how often all do, and the spread of its logarithm. Half a fruit is added to
    each side, so that none found is not taken for none ever."""
    top, bottom, variance = 0.5, 0.5, 0.0
    for a, n, b, m in tables:
        top, bottom = top + a * m / (n + m), bottom + b * n / (n + m)
        variance += ((a + b) * n * m - a * b * (n + m)) / (n + m) ** 2
    ratio, spread = top / bottom, math.sqrt(max(variance, 0.25) / (top * bottom))
    sharp = sum(n for _, n, _, _ in tables) / sum(n + m for _, n, _, m in tables)
    return ratio / (sharp * ratio + 1 - sharp), spread
