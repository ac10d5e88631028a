"""The wire contract of quality: how often the machine is right, by what people said of fruit drawn at random."""

from dataclasses import dataclass
from typing import Literal

from edge.telemetry.header import Count, Header, Share, Time


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A share of all fruit, and its 95 % interval. `value` is null while nobody has inspected any of the `inspected`
    fruit behind it."""

    value: Share | None
    low: Share
    high: Share
    inspected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality(Header):
    """How often `bundle` is right, from the fruit that the audit drew between `from_utc` and `until_utc`, all alike by
    chance. Of the `drawn` ones people have `reviewed` so many; `skipped` are not reviewed though later ones are, and if
    the machine was wrong, or right, with all of those, the accuracy would be `worst` or `best`; on the `disputed` they
    did not agree. `accuracy`: sorted as what they are, of all that the bundle answered for; `precision` of a grade: of
    those sorted as it; `recall`: of those that are it. `agreed` is what the accuracy is held to, `decayed` whether it
    is clear that it fell below. One fruit in 1 / `share` is drawn now, of `fruit_per_hour`, which costs
    `cost_per_hour`, currency of the profile; null while that was not counted yet."""

    schema: Literal["sorter.quality/1"] = "sorter.quality/1"
    bundle: str
    share: Share
    fruit_per_hour: float | None
    cost_per_hour: float | None
    from_utc: Time | None
    until_utc: Time | None
    drawn: Count
    reviewed: Count
    skipped: Count
    disputed: Count
    accuracy: Figure
    worst: Share | None
    best: Share | None
    precision: dict[str, Figure]
    recall: dict[str, Figure]
    agreed: Share | None
    decayed: bool
