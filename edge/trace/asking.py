"""Which fruit people should judge next: those that teach most. Pure.

Flagged fruit first, since somebody asked. Of the audited the oldest: every one counts, whatever the bundle thinks of
it. Of the others the one whose product is the highest, taken again and again:

* how unsure the bundle is: the entropy of its chances, over that of a coin toss between all (active learning by
  uncertainty: Settles, 2009, section 3.1), or how near it stands to what counts as a stranger;
* how new it is: how little its features are like those of the fruit that were judged lately or stand before it in the
  row (diversity);
* how much money hangs on it: what confusing its two likeliest grades costs, as a share of the dearest confusion.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from edge.config import Profile
from edge.datapath import LABELS
from edge.kept import Kept

_LEAST = 0.05
"""No factor is less: the others still tell then."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """`because`: what a person is told of the choice."""

    kept: Kept
    because: str


def rank(
    waiting: Sequence[Kept], lately: Sequence[Kept], most: int, stake_of: Callable[[Sequence[float]], float]
) -> list[Ranked]:
    """The `most` to ask for, in order. `waiting`: the oldest first; `lately`: those that were judged."""
    asked = [Ranked(kept, "somebody flagged it") for kept in waiting if kept.why == "flagged"]
    asked += [Ranked(kept, "drawn for the audit") for kept in waiting if kept.why == "audited"]
    others = [kept for kept in waiting if kept.why not in ("flagged", "audited")]
    return (asked + _by_worth(others, lately, most - len(asked), stake_of))[:most]


def unsure(kept: Kept) -> float:
    """0 to 1."""
    entropy = -sum(p * math.log(p) for p in kept.scores if p > 0) / math.log(max(2, len(kept.scores)))
    strange = 1 - abs(2 * kept.unknown_score - 1)
    return min(1.0, max(entropy, strange))


def stakes(profile: Profile) -> Callable[[Sequence[float]], float]:
    """What hangs on a fruit's chances, 0 to 1; 1 for all where the profile has no `[money.worth]`."""
    worth, routes = profile.money.worth, {label: profile.outlet_of(label) for label in LABELS}
    if not worth:
        return lambda _: 1.0

    def cost(true: str, called: str) -> float:
        brings = worth.get(true, {})
        return max(0.0, brings.get(routes[true], 0.0) - brings.get(routes[called], 0.0))

    costs = {(one, other): cost(one, other) + cost(other, one) for one, other in permutations(LABELS, 2)}
    dearest = max(costs.values()) or 1.0

    def stake(scores: Sequence[float]) -> float:
        first, second = sorted(range(len(LABELS)), key=lambda n: -scores[n])[:2]
        return costs[LABELS[first], LABELS[second]] / dearest

    return stake


def _by_worth(
    others: Sequence[Kept], lately: Sequence[Kept], most: int, stake_of: Callable[[Sequence[float]], float]
) -> list[Ranked]:
    found: list[Ranked] = []
    known = [features for kept in lately if (features := _features(kept)) is not None]
    left: dict[str, tuple[Kept, NDArray[np.float32] | None, float]] = {
        kept.track_id: (kept, _features(kept), _nearness(_features(kept), known)) for kept in others
    }
    while left and len(found) < most:
        factors = {
            track_id: (unsure(kept), 1 - near, stake_of(kept.scores)) for track_id, (kept, _, near) in left.items()
        }
        best = max(left, key=lambda track_id: math.prod(max(_LEAST, factor) for factor in factors[track_id]))
        kept, features, _ = left.pop(best)
        found.append(Ranked(kept, _because(factors[best])))
        left = _seen_beside(left, features)
    return found


def _seen_beside(
    left: Mapping[str, tuple[Kept, NDArray[np.float32] | None, float]], features: NDArray[np.float32] | None
) -> dict[str, tuple[Kept, NDArray[np.float32] | None, float]]:
    """What is left, when one with these features is in the row."""
    known = [] if features is None else [features]
    return {track_id: (kept, own, max(near, _nearness(own, known))) for track_id, (kept, own, near) in left.items()}


def _features(kept: Kept) -> NDArray[np.float32] | None:
    """Of length 1; None where there are none."""
    values = np.frombuffer(base64.b64decode(kept.features), np.int8).astype(np.float32)
    length = float(np.linalg.norm(values))
    return values / length if length else None


def _nearness(features: NDArray[np.float32] | None, known: Sequence[NDArray[np.float32]]) -> float:
    """The largest likeness to any, 0 to 1; 0 where nothing can be said."""
    if features is None:
        return 0.0
    like = [float(features @ other) for other in known if other.shape == features.shape]
    return min(1.0, max(0.0, *like)) if like else 0.0


def _because(factors: tuple[float, float, float]) -> str:
    told = zip(("unsure", "new", "dear"), factors, strict=True)
    return ", ".join(f"{name} {100 * factor:.0f} %" for name, factor in told)
