"""Many looks, one verdict: fuse what the bundle said of a fruit's views, then decide label and outlet. Pure.

Ripeness belongs to the whole fruit and is averaged over the looks, weighted by their sharpness. Damage may face the
camera in one look only, so the look that shows most of it counts. The thresholds come with the bundle: they were
chosen on fused looks, so the chance of a false alarm in any of many looks is in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from edge.datapath import BELT_END, LABELS, UNKNOWN, Grades, Look, Reason, Track, Verdict

if TYPE_CHECKING:
    from edge.bundle import Thresholds
    from edge.config import Profile

DAMAGED = LABELS.index("damaged")
_RIPENESS = range(DAMAGED)


@dataclass(frozen=True, slots=True)
class Policy:
    """What verdicts are made under: thresholds (the profile's where it has them), and the names they carry."""

    least_confidence: float
    most_unknown: float
    damaged: float
    fewest_looks: int
    bundle: str
    profile: str
    route: dict[str, str]

    @classmethod
    def of(cls, profile: Profile, thresholds: Thresholds, bundle: str) -> Policy:
        own = profile.grade
        return cls(
            least_confidence=thresholds.least_confidence if own.least_confidence is None else own.least_confidence,
            most_unknown=thresholds.most_unknown if own.most_unknown is None else own.most_unknown,
            damaged=thresholds.damaged,
            fewest_looks=own.fewest_looks,
            bundle=bundle,
            profile=profile.digest,
            route=dict(profile.route),
        )


def fuse(looks: Sequence[Look]) -> Grades:
    """One set of grades from at least one look. The scores add up to 1."""
    total = fsum(look.sharpness for look in looks)
    weights = [look.sharpness / total for look in looks] if total > 0 else [1 / len(looks)] * len(looks)
    ripeness = [0.0] * DAMAGED
    unknown = damage = 0.0
    for look, weight in zip(looks, weights, strict=True):
        damage = max(damage, look.scores[DAMAGED])
        unknown += weight * look.unknown_score
        # A look all of damage says nothing of ripeness: its share is even.
        sound = 1 - look.scores[DAMAGED]
        if sound > 1e-6:
            ripeness = [sum_ + weight * (share / sound) for sum_, share in zip(ripeness, look.scores, strict=False)]
        else:
            ripeness = [sum_ + weight * (1 / DAMAGED) for sum_ in ripeness]
    whole = fsum(ripeness)
    return Grades(scores=(*((1 - damage) * r / whole for r in ripeness), damage), unknown_score=unknown)


def label_of(grades: Grades, damaged: float, most_unknown: float) -> tuple[str, float]:
    """The label and its confidence: its score, or the strangeness itself for `unknown`."""
    if grades.unknown_score > most_unknown:
        return UNKNOWN, grades.unknown_score
    if grades.scores[DAMAGED] >= damaged:
        return LABELS[DAMAGED], grades.scores[DAMAGED]
    best = max(_RIPENESS, key=grades.scores.__getitem__)
    return LABELS[best], grades.scores[best]


def settled(looks: Sequence[Look], policy: Policy) -> bool:
    """Whether more looks would not change the verdict: damage, once seen, stays seen. A fruit that looks sound is never
    settled, as its other side may not be. Nor is one that is half strange: its next look may be stranger."""
    if len(looks) < policy.fewest_looks:
        return False
    if max([look.scores[DAMAGED] for look in looks]) < policy.damaged:
        return False
    return max([look.unknown_score for look in looks]) <= policy.most_unknown / 2


def decide(track: Track, crowded: bool, policy: Policy, now_ns: int) -> Verdict:
    """The verdict on a track. Unknown, doubtful and crowded fruit go to the belt's end."""
    grades = fuse(track.looks) if track.looks else Grades((0.0,) * len(LABELS), 0.0)
    label, confidence = label_of(grades, policy.damaged, policy.most_unknown)
    reason = _reason(label, confidence, len(track.looks), crowded, policy)
    return Verdict(
        track_id=track.track_id,
        label=label,
        confidence=confidence,
        unknown_score=grades.unknown_score,
        scores=grades.scores,
        outlet=policy.route.get(label, BELT_END) if reason == "graded" else BELT_END,
        reason=reason,
        decided_at_ns=now_ns,
        bundle=policy.bundle,
        profile=policy.profile,
    )


def _reason(label: str, confidence: float, looks: int, crowded: bool, policy: Policy) -> Reason:
    if crowded:
        return "crowded"
    if looks < policy.fewest_looks:
        return "doubtful"
    if label == UNKNOWN:
        return "unknown"
    # Calling a fruit damaged has a threshold of its own and costs no good outlet its purity.
    if label != LABELS[DAMAGED] and confidence < policy.least_confidence:
        return "doubtful"
    return "graded"
