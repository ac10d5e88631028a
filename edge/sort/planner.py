"""Verdict to pulse: how long a gate may stand open around a fruit without reaching its neighbours. Pure arithmetic."""

from collections.abc import Sequence

from edge.config import Gate, Profile
from edge.datapath import GatePulse, Track


def plan(track: Track, outlet: str, neighbours: Sequence[Track], profile: Profile) -> GatePulse | None:
    """The pulse that sends a track to an outlet, or None where it cannot be had without risk to another fruit.

    The window is centred on the fruit's middle and `window_mm` long. Each of its two sides shrinks on its own until it
    keeps `clearance_mm` to the body of the nearest neighbour, but not below half of `shortest_window_mm`: a fruit
    without that room is crowded and runs to the belt's end, as does one whose lane has no gate for the outlet.
    `neighbours` are tracks in any order; those of other lanes, and the track itself, are ignored.
    """
    name = profile.gate_for(track.lane, outlet)
    if name is None:
        return None
    others = [n for n in neighbours if n.lane == track.lane and n.track_id != track.track_id]
    # A fruit with the greater belt_um stood at x = 0 later: it comes behind, and meets the gate later.
    before_um = _side_um([n for n in others if n.belt_um <= track.belt_um], track, profile)
    after_um = _side_um([n for n in others if n.belt_um > track.belt_um], track, profile)
    if min(before_um, after_um) < round(profile.sort.shortest_window_mm * 500):
        return None
    gate: Gate = profile.gates[name]
    middle_um = track.belt_um + round(gate.x_mm * 1000)
    return GatePulse(
        track_id=track.track_id,
        gate=name,
        open_um=middle_um - before_um,
        close_um=middle_um + after_um,
        open_lead_ns=round(gate.open_delay_ms * 1e6),
        close_lead_ns=round(gate.close_delay_ms * 1e6),
    )


def _side_um(neighbours: Sequence[Track], track: Track, profile: Profile) -> int:
    """How far the window may reach to one side: negative where a neighbour's body lies over the fruit's middle."""
    clear_um = (
        abs(n.belt_um - track.belt_um) - round((n.length_mm / 2 + profile.sort.clearance_mm) * 1000) for n in neighbours
    )
    return min([round(profile.sort.window_mm * 500), *clear_um])
