"""The first frames of perception, drawn: they load and allocate, and then show how fast this computer is."""

from statistics import median

import numpy as np

from edge.clock import Clock, now_ns
from edge.config import Profile
from edge.datapath import Frame
from edge.ports import Detector, Grader

ROUNDS = 6
"""The first only warms up."""

WITHIN_NS = 300_000_000
"""A slow computer makes fewer rounds, one after the first at least."""


def warm_up(detector: Detector, grader: Grader, profile: Profile, clock: Clock = now_ns) -> tuple[int, int]:
    """See and grade a drawn fruit a few times: first calls would cost the heartbeat a long silence. Returns how long a
    frame's detection and a crop's grading take, medians in ns.

    `detector` keeps what it learns of the belt's colour, so it must not be the one that will watch the belt.
    """
    pixels = np.full((profile.camera.height_px, profile.camera.width_px, 3), (40, 70, 120), np.uint8)
    pixels[60:100, 60:100] = (200, 30, 30)
    detect_ns: list[int] = []
    inference_ns: list[int] = []
    until_ns = clock() + WITHIN_NS
    for n in range(ROUNDS):
        began_ns = clock()
        if n > 1 and began_ns >= until_ns:
            break
        seen = detector.detect(Frame("warm-up", n, 0, pixels))
        seen_ns = clock()
        grader.grade(seen)
        if n:
            detect_ns.append(seen_ns - began_ns)
            inference_ns += [(clock() - seen_ns) // len(seen)] if seen else []
    return round(median(detect_ns)), round(median(inference_ns)) if inference_ns else 0
