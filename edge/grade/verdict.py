"""One verdict a fruit: its label, the reason, and the outlet. Pure.

What the looks say together is fused in `edge.grade.fusion`. The bundle's thresholds make a label of it, its promise
rules the other grades out or leaves the fruit in doubt, and `[money]` finds the outlet that a fruit with a sound label
is worth most in. A fruit called damaged goes to the outlet of damaged fruit, whatever it would bring elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from edge.datapath import BELT_END, LABELS, UNKNOWN, Grades, Look, Reason, Track, Verdict
from edge.grade.fusion import (
    DAMAGED,
    MOST_LOOKS,
    Judge,
    chance_of,
    damage_at,
    fuse,
    label_of,
    log_odds_of,
    peak_log_odds,
)
from edge.grade.money import Prices

if TYPE_CHECKING:
    from edge.bundle import Fusion, Thresholds
    from edge.config import Profile

__all__ = ["DAMAGED", "Policy", "decide", "fuse", "label_of", "settled"]


@dataclass(frozen=True, slots=True)
class Policy:
    """What verdicts are made under: thresholds (the profile's where it has them), and the names they carry."""

    judge: Judge
    prices: Prices | None
    fewest_looks: int
    most_looks: int
    least_damage: float
    """No fruit is damaged whose every look has less."""
    bundle: str
    profile: str
    route: dict[str, str]

    @classmethod
    def of(cls, profile: Profile, thresholds: Thresholds, bundle: str) -> Policy:
        own, judge = profile.grade, Judge.of(thresholds)
        prices = Prices.of(profile, judge.fusion)
        if prices is not None and profile.money.mix:
            judge = Judge.of(_solved_again(thresholds, prices.damaged_from(profile.outlet_of(LABELS[DAMAGED]))))
        # Money puts a price on doubt; a threshold of the profile's own is asked for beside it.
        least = judge.least_confidence if prices is None else 0.0
        judge = replace(
            judge,
            least_confidence=least if own.least_confidence is None else own.least_confidence,
            most_unknown=judge.most_unknown if own.most_unknown is None else own.most_unknown,
            promise=own.promise,
        )
        return cls(
            judge=judge,
            prices=prices,
            fewest_looks=own.fewest_looks,
            most_looks=own.most_looks,
            least_damage=_least_damage(judge),
            bundle=bundle,
            profile=profile.digest,
            route=dict(profile.route),
        )


def settled(looks: Sequence[Look], policy: Policy) -> bool:
    """Whether more looks would not change the verdict: damage that enough looks show stays seen. A fruit that looks
    sound is never settled, as its other side may not be. Nor is one that is half strange: its next look may be
    stranger."""
    if len(looks) < policy.fewest_looks:
        return False
    damages = [look.scores[DAMAGED] for look in looks]
    if max(damages) < policy.least_damage:
        return False
    if policy.judge.fusion is not None and not _stays_damaged(damages, policy, policy.judge.fusion):
        return False
    return max([look.unknown_score for look in looks]) <= policy.judge.most_unknown / 2


def decide(track: Track, crowded: bool, policy: Policy, now_ns: int) -> Verdict:
    """The verdict on a track. Unknown, doubtful and crowded fruit go to the belt's end."""
    looks, judge = len(track.looks), policy.judge
    grades = judge.fuse(track.looks) if looks else Grades((0.0,) * len(LABELS), 0.0)
    label, confidence = judge.label(grades, max(1, looks))
    reason = _reason(grades, label, confidence, looks, crowded, policy)
    own = policy.route.get(label, BELT_END)
    outlet = _outlet(label, own, grades, policy) if reason == "graded" else BELT_END
    if reason == "graded" and outlet == BELT_END != own:
        reason = "doubtful"  # worth most where it can be looked at again
    return Verdict(
        track_id=track.track_id,
        label=label,
        confidence=confidence,
        unknown_score=grades.unknown_score,
        scores=grades.scores,
        outlet=outlet,
        reason=reason,
        decided_at_ns=now_ns,
        bundle=policy.bundle,
        profile=policy.profile,
    )


def _reason(grades: Grades, label: str, confidence: float, looks: int, crowded: bool, policy: Policy) -> Reason:
    if crowded:
        return "crowded"
    if looks < policy.fewest_looks:
        return "doubtful"
    if label == UNKNOWN:
        return "unknown"
    return "doubtful" if policy.judge.doubts(grades, label, confidence, looks) else "graded"


def _outlet(label: str, own: str, grades: Grades, policy: Policy) -> str:
    if policy.prices is None or label == LABELS[DAMAGED] or own == BELT_END:
        return own
    return policy.prices.outlet(grades.scores, grades.unknown_score, own)


def _solved_again(thresholds: Thresholds, damaged: float) -> Thresholds:
    """For another mix: a fruit is damaged only where it is worth most among the damaged."""
    assert thresholds.fusion is not None
    rows = [row.model_copy(update={"damaged": max(row.damaged, damaged)}) for row in thresholds.fusion.at]
    return thresholds.model_copy(update={"fusion": thresholds.fusion.model_copy(update={"at": tuple(rows)})})


def _least_damage(judge: Judge) -> float:
    """The power mean of odds is at most the highest of them."""
    if judge.fusion is None:
        return judge.at(1).damaged
    rows = [judge.at(looks) for looks in range(1, MOST_LOOKS + 1)]
    shown = [max(0.0, (row.damaged - row.floor) / (1 - row.floor)) for row in rows]
    return chance_of(min((log_odds_of(own) - row.offset) / row.scale for own, row in zip(shown, rows, strict=True)))


def _stays_damaged(damages: Sequence[float], policy: Policy, fusion: Fusion) -> bool:
    """Whether a fruit is damaged, and no other grade in question, even if every further look shows none at all."""
    looks = len(damages)
    fused = peak_log_odds(damages, fusion.peak)
    for more in range(max(looks, policy.most_looks) - looks + 1):
        row = policy.judge.at(looks + more)
        least = fused + math.log(looks / (looks + more)) / fusion.peak
        chance = damage_at(row, least)
        if chance < row.damaged or (policy.judge.promise and 1 - chance >= min(row.least.values(), default=2.0)):
            return False
    return True
