"""What a decision was held to, and what each outlet would have been worth for it, worked out again from a ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from edge.bundle import Thresholds
from edge.config import Profile
from edge.grade.money import adjusted
from edge.grade.verdict import Policy
from edge.ledger.entries import Decision


def valued(it: Decision, profile: Mapping[str, Any], manifest: Mapping[str, Any]) -> dict[str, Any]:
    """`thresholds` and `money`. `profile` and `manifest` as the ledger holds them; where they are of another version,
    or not there, that is said instead."""
    try:
        settings = Profile.model_validate_json(json.dumps(dict(profile)))
        thresholds = Thresholds.model_validate(manifest["thresholds"])
        policy = Policy.of(settings, thresholds, it.bundle)
    except (ValidationError, KeyError, TypeError, ValueError) as error:
        why = "the ledger holds no profile or manifest that this version can read"
        return {"thresholds": f"{why}: {type(error).__name__}", "money": why}
    row = policy.judge.at(max(1, len(it.looks)))
    told = {
        "fewest_looks": policy.fewest_looks,
        "least_confidence": policy.judge.least_confidence,
        "most_unknown": policy.judge.most_unknown,
        "damaged_from": row.damaged,
    }
    return {"thresholds": told, "money": _money(it, settings, policy)}


def _money(it: Decision, settings: Profile, policy: Policy) -> dict[str, Any] | str:
    """Chances times worth, as `edge.grade.money` has it."""
    prices = policy.prices
    if prices is None:
        return "no price decided: [money.worth] is left out, or the bundle has no calibrated chances"
    chances = (*adjusted(it.scores, prices.lean, 1 - it.unknown_score), it.unknown_score)
    expected = {
        outlet: round(sum(a * b for a, b in zip(chances, worth, strict=True)), 4)
        for outlet, worth in prices.worth.items()
    }
    best = max(expected, key=lambda outlet: expected[outlet])
    return {"currency": settings.money.currency, "expected": expected, "most_in": best, "sent_to": it.outlet}
