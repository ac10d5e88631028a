"""What the planner has to know of the fruit around one: where they go, or what they look like so far."""

from dataclasses import replace

from edge.config import Profile
from edge.datapath import Track
from edge.detect.tracks import Tracker
from edge.grade.verdict import fuse
from edge.sort.planner import is_near
from edge.sort.risk import Neighbour


def neighbours(track: Track, tracker: Tracker, profile: Profile) -> list[Neighbour]:
    """Those that a track's pulse may meet."""
    found: list[Neighbour] = []
    for followed in tracker.neighbours(track):
        near = followed.record()
        if astray_mm := tracker.astray_mm(followed):  # it may be anywhere there
            near = replace(near, length_mm=near.length_mm + 2 * astray_mm)
        if not is_near(track, near, profile):
            continue
        if verdict := followed.verdict:
            found.append(Neighbour(near, verdict.outlet, verdict.scores))
        else:
            found.append(Neighbour(near, None, fuse(near.looks).scores if near.looks else ()))
    return found
