"""A bundle tried out in a process of its own: `python -m edge.grade.selftest BUNDLE PROFILE` prints what is wrong, a
line each, and nothing where nothing is. Whatever weights do to the runtime, they do it here.

Golden outputs to the bit, the labels that the profile routes, and the time that a crop takes.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np

from edge.bundle import GOLDEN, Bundle, load_bundle
from edge.clock import Clock, now_ns
from edge.config import Profile, load_profile
from edge.derating import Measured, allowance
from edge.errors import SorterError
from edge.grade.litert import LiteRTGrader, golden_faults

ROUNDS = 5
"""Over all golden tensors; the first only warms up."""


def faults(bundle: Bundle, profile: Profile, clock: Clock = now_ns) -> Iterator[str]:
    """What keeps a machine from running a bundle, a line each. Raises BundleFault where it cannot even be loaded."""
    for label in profile.route:
        if label not in bundle.manifest.labels:
            yield f"the profile routes {label}, which {bundle.identity} does not know"
    yield from golden_faults(bundle)
    crop_ns = crop_time_ns(bundle, clock)
    if why := allowance(profile, Measured(0, 0, 0, crop_ns)).why:
        yield f"a crop takes {crop_ns / 1e6:.1f} ms: {why}"


def crop_time_ns(bundle: Bundle, clock: Clock) -> int:
    """What the network takes for a crop here: the median."""
    grader = LiteRTGrader(bundle)
    with np.load(bundle.folder / GOLDEN, allow_pickle=False) as stored:
        tensors = stored["tensors"]
    times: list[int] = []
    for n in range(ROUNDS):
        for tensor in tensors:
            began_ns = clock()
            grader.grade_tensor(tensor)
            if n:
                times.append(clock() - began_ns)
    return round(median(times))


def main(folder: str, profile: str) -> int:
    """Returns the exit status: 0 once all is said, also where something is wrong."""
    try:
        wrong = list(faults(load_bundle(Path(folder)), load_profile(Path(profile))))
    except SorterError as fault:
        wrong = [str(fault)]
    sys.stdout.write("".join(f"{line}\n" for line in wrong))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
