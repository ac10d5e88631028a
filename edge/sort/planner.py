"""Verdict to pulse: how long a gate may stand open around a fruit without reaching its neighbours. Pure arithmetic."""

from collections.abc import Sequence

from edge.config import Gate, Profile
from edge.datapath import GatePulse, Track
from edge.sort.risk import Neighbour, chance_of_reach, gain, loss, passes_beside

_SPREADS = 5.0
"""So many standard deviations off, a body is out of a gate's reach."""


class Reach:
    """How far along a lane a track's pulse may matter to another."""

    def __init__(self, lane: int, profile: Profile) -> None:
        sort = profile.sort
        self._room_mm = max(sort.clearance_mm, _SPREADS * sort.aim_sd_mm)
        self._window_mm = sort.window_mm
        rests_um = [_rest_um(gate, profile) for gate in profile.gates.values() if gate.lane == lane]
        self._shared_um = max(rests_um, default=0) + round(sort.window_mm * 1000)

    def holds(self, apart_um: int, length_mm: float) -> bool:
        """Whether another track of such a length, so far off, is so near that `plan` has to know of it."""
        room_mm = self._room_mm + (self._window_mm + length_mm) / 2
        return abs(apart_um) <= max(room_mm * 1000, self._shared_um)


def plan(
    track: Track, outlet: str, neighbours: Sequence[Neighbour], profile: Profile, scores: Sequence[float] = ()
) -> GatePulse | None:
    """The pulse that sends a track to an outlet, or None where it cannot be had without too much risk to another fruit.

    The window is centred on the fruit's middle and `window_mm` long. Each of its two sides shrinks on its own until it
    keeps `clearance_mm` to the body of the nearest neighbour, but not below half of `shortest_window_mm`. Where that
    leaves less than the clearance, the cheaper error is chosen by `[money]`: the chance of taking the neighbour along
    times what that loses, against what the fruit is worth more in its outlet than at the belt's end (`scores` in the
    order of LABELS; without them, or without `[money.worth]`, the fruit is crowded). Above `most_risk` it is crowded
    whatever it is worth. So is one whose lane has no gate for the outlet, and one whose gate was open for another so
    shortly before that it would not be shut for a fruit between the two that must pass.

    `neighbours` come in any order; those of other lanes, the track itself, and those that fall at this gate or upstream
    of it anyway are ignored; an undecided one falls upstream only if it has room there.
    """
    name = profile.gate_for(track.lane, outlet)
    if name is None:
        return None
    gate: Gate = profile.gates[name]
    beside = [n for n in neighbours if n.track.lane == track.lane and n.track.track_id != track.track_id]
    others = [n for n in beside if passes_beside(n, track, name, profile) > profile.sort.most_risk]
    # A fruit with the greater belt_um stood at x = 0 later: it comes behind, and meets the gate later.
    before = [n for n in others if n.track.belt_um <= track.belt_um]
    after = [n for n in others if n.track.belt_um > track.belt_um]
    before_um, after_um = _side_um(before, track, profile), _side_um(after, track, profile)
    least_um = round(profile.sort.shortest_window_mm * 500)
    if min(before_um, after_um) < least_um:
        if not _worth_the_risk(track, outlet, name, others, profile, scores):
            return None
        before_um, after_um = max(before_um, least_um), max(after_um, least_um)
    before_um = min(before_um, _rested_um([n for n in beside if n.outlet == outlet], before, track, gate, profile))
    if before_um < least_um:
        return None
    middle_um = track.belt_um + round(gate.x_mm * 1000)
    return GatePulse(
        track_id=track.track_id,
        gate=name,
        open_um=middle_um - before_um,
        close_um=middle_um + after_um,
        open_lead_ns=round(gate.open_delay_ms * 1e6),
        close_lead_ns=round(gate.close_delay_ms * 1e6),
    )


def _side_um(neighbours: Sequence[Neighbour], track: Track, profile: Profile) -> int:
    """How far the window may reach to one side: negative where a neighbour's body lies over the fruit's middle."""
    clear_um = (
        abs(n.track.belt_um - track.belt_um) - round((n.track.length_mm / 2 + profile.sort.clearance_mm) * 1000)
        for n in neighbours
    )
    return min([round(profile.sort.window_mm * 500), *clear_um])


def _rest_um(gate: Gate, profile: Profile) -> int:
    """The least belt travel between two windows of a gate that is to be shut between them."""
    if not gate.shortest_off_ms:
        return 0
    rest_ms = gate.shortest_off_ms + gate.open_delay_ms - gate.close_delay_ms
    return max(0, round(rest_ms * profile.belt.speed_mm_s))


def _rested_um(
    same: Sequence[Neighbour], passing: Sequence[Neighbour], track: Track, gate: Gate, profile: Profile
) -> int:
    """How far ahead of the fruit's middle the window may begin so that its gate is shut before, where it has to be:
    where a fruit that must pass lies between this one and one before it that the gate takes, whose window is whole."""
    reach_um = round(profile.sort.window_mm * 500)
    rest_um = _rest_um(gate, profile)
    if not rest_um or not passing:
        return reach_um
    nearest_um = max(n.track.belt_um for n in passing)
    taken = [n.track.belt_um for n in same if n.track.belt_um < nearest_um]
    return min([reach_um, *(track.belt_um - taken_um - reach_um - rest_um for taken_um in taken)])


def _worth_the_risk(
    track: Track, outlet: str, gate: str, others: Sequence[Neighbour], profile: Profile, scores: Sequence[float]
) -> bool:
    """Whether the shortest window risks less than it gains."""
    half_mm = profile.sort.shortest_window_mm / 2
    whole = lost = 0.0
    for n in others:
        room_mm = abs(n.track.belt_um - track.belt_um) / 1000 - n.track.length_mm / 2 - half_mm
        chance = passes_beside(n, track, gate, profile) * chance_of_reach(room_mm, gate, profile)
        whole += chance
        lost += chance * loss(n, outlet, profile)
    if whole > profile.sort.most_risk or not scores or not profile.money.worth:
        return False
    return gain(scores, outlet, profile) > lost
