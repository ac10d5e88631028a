"""Lanes laid around where things ran."""

from __future__ import annotations

from collections.abc import Mapping

from edge.calibrate.changes import Changes
from edge.config import Profile


def lanes_around(profile: Profile, middles_mm: Mapping[int, float]) -> Changes:
    """Each lane's strip moved so that what ran down it ran in its middle. Two that touch share the place between."""
    lanes = profile.lanes
    moved_mm = [
        middles_mm[n] - (lane.from_mm + lane.to_mm) / 2 if n in middles_mm else 0.0 for n, lane in enumerate(lanes)
    ]
    height_mm = profile.camera.height_px * profile.camera.mm_per_px
    edges = [[lane.from_mm + by, lane.to_mm + by] for lane, by in zip(lanes, moved_mm, strict=True)]
    for n in range(1, len(edges)):
        if lanes[n].from_mm == lanes[n - 1].to_mm or edges[n][0] < edges[n - 1][1]:
            edges[n][0] = edges[n - 1][1] = (edges[n][0] + edges[n - 1][1]) / 2
    return {
        ("lanes", str(n)): {"from_mm": round(max(0.0, from_mm), 1), "to_mm": round(min(height_mm - 0.05, to_mm), 1)}
        for n, (from_mm, to_mm) in enumerate(edges)
        if n in middles_mm
    }
