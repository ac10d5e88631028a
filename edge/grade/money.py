"""Where a fruit is worth most: chances of its grades times `[money.worth]`. Pure.

Chances are told for the mix of grades that the bundle was calibrated on; where the plant's own is given, they are
adjusted by the ratio of the two (Saerens, Latinne and Decaestecker, 2002, equation 4).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import fsum
from typing import TYPE_CHECKING

from edge.datapath import BELT_END, LABELS, UNKNOWN

if TYPE_CHECKING:
    from edge.bundle import Fusion
    from edge.config import Profile

_DAMAGED = LABELS.index("damaged")


@dataclass(frozen=True, slots=True)
class Prices:
    """`worth`: for each outlet that a sound fruit may go to, what a fruit of each of LABELS brings there, then what a
    stranger does. `lean`: how much likelier each of LABELS is in the plant than in the bundle's mix."""

    worth: Mapping[str, tuple[float, ...]]
    lean: tuple[float, ...]

    @classmethod
    def of(cls, profile: Profile, fusion: Fusion | None) -> Prices | None:
        """None where the profile has no worth, or where the bundle has no chances to weigh it by: they are calibrated
        by its `fusion`."""
        table = profile.money.worth
        if not table or fusion is None:
            return None
        outlets = dict.fromkeys([BELT_END, *profile.route.values()])
        worth = {o: tuple(table.get(grade, {}).get(o, 0.0) for grade in (*LABELS, UNKNOWN)) for o in outlets}
        return cls(worth, lean(profile.money.mix, fusion.mix))

    def outlet(self, scores: Sequence[float], unknown_score: float, own: str) -> str:
        """The outlet that brings most; of equals the label's own, then the belt's end."""
        green, turning, red, damaged = adjusted(scores, self.lean, 1 - unknown_score)
        best, most = own, -math.inf
        for outlet, (a, b, c, d, e) in self.worth.items():
            brings = green * a + turning * b + red * c + damaged * d + unknown_score * e
            if brings > most or (brings == most and outlet == own):
                best, most = outlet, brings
        return best

    def damaged_from(self, own: str) -> float:
        """The chance of damage, as the bundle tells it, from which damaged fruit's `own` outlet brings most whatever
        the ripeness: with less, some sound outlet may. What a fruit brings is linear in its chances, so the grades of
        ripeness alone decide."""
        found = 0.0
        for outlet in self.worth.keys() - {own, BELT_END}:
            lost = self.worth[own][_DAMAGED] - self.worth[outlet][_DAMAGED]
            for grade in range(_DAMAGED):
                gained = self.worth[outlet][grade] - self.worth[own][grade]
                if gained > 0:
                    odds = math.inf if lost <= 0 else gained / lost * self.lean[grade]
                    found = max(found, odds / (odds + self.lean[_DAMAGED]) if odds < math.inf else 1.0)
        return found


def lean(mix: Mapping[str, float], told_for: Mapping[str, float]) -> tuple[float, ...]:
    """The ratio of two mixes for each of LABELS; 1 where either does not say."""
    if not mix:
        return (1.0,) * len(LABELS)
    return tuple(mix[grade] / told_for[grade] if grade in mix and told_for.get(grade) else 1.0 for grade in LABELS)


def adjusted(scores: Sequence[float], ratios: Sequence[float], whole: float = 1.0) -> tuple[float, ...]:
    """Chances for another mix, which add up to `whole`."""
    shares = [a * b for a, b in zip(scores, ratios, strict=True)]
    total = fsum(shares)
    if total <= 0:
        return tuple(whole * score for score in scores)
    return tuple([whole * share / total for share in shares])
