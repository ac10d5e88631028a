"""What the planner has to know of the fruit around one: where they go, or what they look like so far."""

from collections.abc import Callable
from dataclasses import replace

from edge.datapath import Track
from edge.detect.tracks import Followed, Tracker
from edge.grade.fusion import Judge
from edge.sort.planner import Reach
from edge.sort.risk import Neighbour

JudgeOf = Callable[[Followed], Judge]


def neighbours(track: Track, tracker: Tracker, reach: Reach, judge_of: JudgeOf) -> list[Neighbour]:
    """Those that a track's pulse may meet; `reach` is its lane's, `judge_of` knows each fruit's bundle."""
    found: list[Neighbour] = []
    for followed in tracker.neighbours(track):
        astray_mm = tracker.astray_mm(followed)  # it may be anywhere there
        length_mm = followed.length_mm + 2 * astray_mm
        if not reach.holds(followed.belt_um - track.belt_um, length_mm):
            continue
        near = replace(followed.record(), length_mm=length_mm) if astray_mm else followed.record()
        if verdict := followed.verdict:
            found.append(Neighbour(near, verdict.outlet, verdict.scores))
        else:
            found.append(Neighbour(near, None, judge_of(followed).fuse(near.looks).scores if near.looks else ()))
    return found
