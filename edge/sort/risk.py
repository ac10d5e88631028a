"""What a pulse may cost a neighbour: the chance that the gate takes it along, and the worth of that error. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from edge.config import Profile
from edge.datapath import BELT_END, LABELS, Track


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A fruit near another one. `outlet` is where it was sent, None while it is undecided; `scores` in the order of
    LABELS are what is known of it so far, empty before its first look."""

    track: Track
    outlet: str | None = None
    scores: tuple[float, ...] = ()


def passes(neighbour: Neighbour, gate: str, profile: Profile) -> float:
    """The chance, 0 to 1, that a neighbour has to pass this gate while it is shut: neither bound for it nor for one of
    the same lane upstream of it. An undecided neighbour's grades have the chances that its looks give them."""
    if neighbour.outlet is not None:
        return float(_beyond(neighbour.outlet, neighbour.track.lane, gate, profile))
    if not neighbour.scores:
        return 1.0
    lane = neighbour.track.lane
    shares = zip(LABELS, neighbour.scores, strict=True)
    return min(
        1.0, math.fsum(share for label, share in shares if _beyond(profile.outlet_of(label), lane, gate, profile))
    )


def passes_beside(neighbour: Neighbour, track: Track, gate: str, profile: Profile) -> float:
    """The same beside a track that this gate takes. An undecided neighbour that is too near for a pulse of its own
    before this gate will be crowded, and so has to pass here, whatever its looks say; but for the gate's own outlet."""
    share = passes(neighbour, gate, profile)
    if neighbour.outlet is not None or share >= 1.0:
        return share
    apart_mm = abs(neighbour.track.belt_um - track.belt_um) / 1000
    room_mm = apart_mm - (track.length_mm + profile.sort.shortest_window_mm) / 2
    if chance_of_reach(room_mm, gate, profile) <= profile.sort.most_risk:
        return share
    own = profile.gates[gate].outlet
    shares = zip(LABELS, neighbour.scores, strict=True)
    return max(share, 1.0 - math.fsum(part for label, part in shares if profile.outlet_of(label) == own))


def chance_of_reach(room_mm: float, gate: str, profile: Profile) -> float:
    """The chance that a gate which shuts (or opens) `room_mm` short of a neighbour's body reaches it all the same, or
    where `room_mm` is negative does not miss it. Normal: the gate's delay spread at belt speed, and the aim's."""
    delay_mm = profile.gates[gate].delay_sd_ms * profile.belt.speed_mm_s / 1000
    sd_mm = math.hypot(delay_mm, profile.sort.aim_sd_mm)
    if sd_mm == 0:
        return float(room_mm < 0)
    return 0.5 * math.erfc(room_mm / sd_mm / math.sqrt(2))


def worth(scores: Sequence[float], outlet: str, profile: Profile) -> float:
    """What a fruit of these scores is worth in an outlet; 0 where `[money.worth]` does not say."""
    table = profile.money.worth
    return math.fsum(score * table.get(label, {}).get(outlet, 0.0) for label, score in zip(LABELS, scores, strict=True))


def loss(neighbour: Neighbour, outlet: str, profile: Profile) -> float:
    """What is lost when a neighbour that is bound elsewhere falls into `outlet`. Nothing is ever gained by it."""
    if neighbour.outlet is not None and neighbour.scores:
        own = worth(neighbour.scores, neighbour.outlet, profile)
        return max(0.0, own - worth(neighbour.scores, outlet, profile))
    scores = neighbour.scores or (1 / len(LABELS),) * len(LABELS)
    return math.fsum(
        score * max(0.0, worth(_sure(label), profile.outlet_of(label), profile) - worth(_sure(label), outlet, profile))
        for label, score in zip(LABELS, scores, strict=True)
    )


def gain(scores: Sequence[float], outlet: str, profile: Profile) -> float:
    """What a fruit is worth more in its outlet than at the belt's end."""
    return worth(scores, outlet, profile) - worth(scores, BELT_END, profile)


def _sure(label: str) -> tuple[float, ...]:
    return tuple(float(label == name) for name in LABELS)


def _beyond(outlet: str, lane: int, gate: str, profile: Profile) -> bool:
    own = profile.gate_for(lane, outlet)
    return own is None or (own != gate and profile.gates[own].x_mm > profile.gates[gate].x_mm)
