"""Simulated shifts at the level of decisions: fruit of which all is known, the audit's draw among them, and what a
person then says, who is always right.

Fruit come from what was recorded of the factory bundle on the built-in fruit, decided by the line's own policy
(`tests.evidence.decisions`); every shift has a mix of its own, and the machine is as good as ever, worse, or much
worse, because its ripeness scores were pushed about.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.audited.draw import Sampling, drawn, key_of_run
from edge.audited.estimate import DOUBTFUL, Estimate, Inspected, called, estimate
from edge.audited.rate import Terms, next_share
from edge.config import Profile, load_profile
from edge.datapath import BELT_END, LABELS, UNKNOWN
from tests.evidence.decisions import Line
from tests.evidence.trial import ROOT

FRUIT, HOURS = 20_000, 8
NUDGES = (0.0, 2.0, 4.0)
"""In logits: as good as ever, worse, much worse."""
MIX = {"green": 0.10, "turning": 0.20, "red": 0.60, "damaged": 0.10}
SPREAD = 60.0
"""How close the mix of a shift comes to that: as if it had been seen in so many fruit."""
CALLS = (*LABELS, DOUBTFUL, UNKNOWN)
SECRET = b"the same secret in every measurement"

Numbers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pool:
    """Fruit of one state of the machine: what each is, what it was called (an index of CALLS), how sure of it the
    machine was, its scores, and what it loses by going to the belt's end for inspection."""

    truth: Numbers
    called: Numbers
    confidence: Floats
    scores: Floats
    lost: Floats

    @property
    def right(self) -> NDArray[np.bool_]:
        return self.truth == self.called


def pools(size: int) -> list[Pool]:
    """One for each of NUDGES, over the same fruit."""
    line, profile = Line(size), load_profile(ROOT / "firmware_config" / "profiles" / "demo.toml")
    return [_pool(line, nudge, profile) for nudge in NUDGES]


def _pool(line: Line, nudge: float, profile: Profile) -> Pool:
    verdicts, worth = line.verdicts(nudge), profile.money.worth
    return Pool(
        truth=np.array([LABELS.index(one.label) for one in line.passages], np.int64),
        called=np.array([CALLS.index(called(one.label, one.reason)) for one in verdicts], np.int64),
        confidence=np.array([one.confidence for one in verdicts]),
        scores=np.array([one.scores for one in verdicts]),
        lost=np.array(
            [
                worth[passage.label][one.outlet] - worth[passage.label][BELT_END]
                for passage, one in zip(line.passages, verdicts, strict=True)
            ]
        ),
    )


@dataclass(frozen=True, slots=True)
class Shift:
    """All fruit of a shift in their order, the chance of right that a fruit of it had on the mean, and how good the
    machine was to begin with, by its place in NUDGES."""

    fruit: Pool
    expected: float
    state: int

    def truths(self) -> dict[str, float]:
        """Accuracy, and each grade's precision and recall, of all fruit."""
        truth, said = self.fruit.truth, self.fruit.called
        both = {label: ((truth == n) & (said == n)).sum() for n, label in enumerate(LABELS)}
        found = {"accuracy": float(self.fruit.right.mean())}
        for n, label in enumerate(LABELS):
            found[f"precision of {label}"] = float(both[label] / max(1, (said == n).sum()))
            found[f"recall of {label}"] = float(both[label] / max(1, (truth == n).sum()))
        return found

    def naive(self) -> dict[str, tuple[float, int]]:
        """The same as the machine thinks itself: from its confidence and its scores, with the fruit behind each."""
        said, scores = self.fruit.called, self.fruit.scores
        graded = said < len(LABELS)
        found = {"accuracy": (float((self.fruit.confidence * graded).mean()), len(said))}
        for n, label in enumerate(LABELS):
            own, whole = scores[said == n, n].sum(), scores[:, n].sum()
            found[f"precision of {label}"] = (float(own / max(1, (said == n).sum())), int((said == n).sum()))
            found[f"recall of {label}"] = (float(own / whole), int(whole))
        return found


def shift(states: list[Pool], seed: int, falls: bool) -> Shift:
    """`falls`: in mid-shift the machine gets worse, and the mix another."""
    draw = np.random.default_rng([61, seed])
    parts = []
    state = int(draw.integers(0, len(states) - 1 if falls else len(states)))
    for n in range(2 if falls else 1):
        mix = draw.dirichlet([SPREAD * MIX[label] for label in LABELS])
        parts.append((states[state + n], mix, FRUIT // 2 if falls else FRUIT))
    picks = [_picked(pool, mix, count, draw) for pool, mix, count in parts]
    names = ("truth", "called", "confidence", "scores", "lost")
    fruit = Pool(**{name: np.concatenate([getattr(one, name) for one in picks]) for name in names})
    means = [[pool.right[pool.truth == n].mean() for n in range(len(LABELS))] for pool, _, _ in parts]
    expected = min(float(np.dot(mix, mean)) for (_, mix, _), mean in zip(parts, means, strict=True))
    return Shift(fruit, expected, state)


def _picked(pool: Pool, mix: Floats, count: int, draw: np.random.Generator) -> Pool:
    grades = draw.choice(len(LABELS), count, p=mix)
    at = np.empty(count, np.int64)
    for n in range(len(LABELS)):
        own = np.flatnonzero(pool.truth == n)
        at[grades == n] = draw.choice(own, int((grades == n).sum()))
    return Pool(pool.truth[at], pool.called[at], pool.confidence[at], pool.scores[at], pool.lost[at])


@dataclass(frozen=True, slots=True)
class Audited:
    """What the audit of a shift found, the fruit that it drew, and the shares that it drew by, hour by hour."""

    found: Estimate
    fruit: list[Inspected]
    shares: list[float]
    lost: float


def audit(one: Shift, seed: int, share: float, terms: Terms | None = None) -> Audited:
    """`terms`: by which the share is worked out anew every hour, from what was drawn in the hours before."""
    key, shares = key_of_run(SECRET, str(seed)), []
    seen: list[Inspected] = []
    lost = 0.0
    for hour in range(HOURS):
        if hour and terms is not None:
            share = next_share(share, estimate(seen, LABELS), terms, FRUIT / HOURS, HOURS)
        shares.append(share)
        for n in _drawn(one, Sampling(share, key), hour):
            seen.append(Inspected(CALLS[one.fruit.called[n]], share, {LABELS[one.fruit.truth[n]]: 1}))
            lost += float(one.fruit.lost[n])
    return Audited(estimate(seen, LABELS), seen, shares, lost)


def _drawn(one: Shift, sampling: Sampling, hour: int) -> Iterator[int]:
    each = FRUIT // HOURS
    return (n for n in range(hour * each, (hour + 1) * each) if drawn(sampling, f"r.{n}"))


def intervals(found: Estimate) -> Mapping[str, tuple[float, float]]:
    """By the names of `Shift.truths`."""
    told = {"accuracy": found.accuracy}
    for label in LABELS:
        told |= {f"precision of {label}": found.precision[label], f"recall of {label}": found.recall[label]}
    return {name: (each.low, each.high) for name, each in told.items()}
