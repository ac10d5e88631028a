"""What no single key of `[money]` shows: a grade or an outlet without its worth, a mix that is none."""

from collections.abc import Iterator

from edge.datapath import BELT_END, LABELS, UNKNOWN
from edge.sections import Settings

_ROUNDING = 0.005
"""Shares to two places add up to 1 within this."""


def _names(s: Settings) -> Iterator[str]:
    outlets = [*sorted({gate.outlet for gate in s.gates.values()} - {BELT_END}), BELT_END]
    for grade, worth in s.money.worth.items():
        if grade not in (*LABELS, UNKNOWN):
            yield f"[money.worth] {grade}: must be one of {', '.join((*LABELS, UNKNOWN))}"
        for outlet in worth:
            if outlet not in outlets:
                yield f"[money.worth.{grade}] {outlet}: must be one of {', '.join(outlets)}"


def _whole(s: Settings) -> Iterator[str]:
    """What is left out would count as worth nothing, and fruit would be sent where they lose most."""
    if not s.money.worth:
        return
    for grade in LABELS:
        worth = s.money.worth.get(grade)
        if worth is None:
            yield f"[money.worth] {grade}: missing; every grade has its worth, or none has"
            continue
        for outlet in sorted({*s.route.values(), BELT_END} - set(worth)):
            yield f"[money.worth.{grade}] {outlet}: missing; say what a {grade} fruit brings there (it may be below 0)"


def _mix(s: Settings) -> Iterator[str]:
    mix = s.money.mix
    if not mix:
        return
    for grade in mix:
        if grade not in LABELS:
            yield f"[money.mix] {grade}: must be one of {', '.join(LABELS)}"
    for grade in LABELS:
        if grade not in mix:
            yield f"[money.mix] {grade}: missing; every grade has its share, or none has"
    total = sum(mix.values())
    if abs(total - 1) > _ROUNDING:
        yield f"[money] mix: adds up to {total:g}: must be 1"


MONEY_RULES = (_names, _whole, _mix)
