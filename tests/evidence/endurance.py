"""A million frames: whether anything grows that must not, in the device or in what simulates it."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import Setup, prepare
from tests.evidence.trial import Finding, Trial, at_least, at_most

SCENARIO, SEED = "clean", 1
FRAMES = 1_000_000
MARKS, FIRST = 20, 4
"""Samples in a run, and the one from which on nothing may grow: a fifth of the way."""

MOST_ENTRIES, MOST_MB = 500, 4.0
"""One entry in two thousand frames would be more; 4 bytes a frame would."""

_OWN = ("edge.", "sim.")
_FIXED = ("edge.config", "edge.sections", "edge.bundle", "sim.scenario", "sim.fruit", "sim.setup")
"""What a run is given and nothing is added to."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A run's state once `at_s` have been simulated. `entries`: how many each class of objects holds, in all that can
    be added to without a bound of its own."""

    at_s: float
    rss_mb: float
    handles: int
    entries: Mapping[str, int]


def endurance(trial: Trial) -> Finding:
    """Memory, file handles and every queue of a run of a million frames, at every twentieth of it."""
    frames = trial.count(FRAMES)
    setup = prepare(SCENARIO, seed=SEED, limit=Limit(seconds=1.0), perception="truth")
    seconds = frames / setup.profile.camera.frames_hz
    samples, made = _run(prepare(SCENARIO, seed=SEED, limit=Limit(seconds=seconds), perception="truth"), seconds)
    first, last = samples[FIRST - 1], samples[-1]
    grown = {name: count - first.entries.get(name, 0) for name, count in last.entries.items()}
    targets = [
        at_least("frames", round(made["sim_s"] * setup.profile.camera.frames_hz), frames),
        at_most("entries in queues and tables, grown from 20 % to 100 %", sum(grown.values()), MOST_ENTRIES),
        at_most("most that any class has grown by", max(grown.values()), MOST_ENTRIES),
        at_most("resident memory, grown, MB", round(last.rss_mb - first.rss_mb, 2), MOST_MB),
        at_most("open file handles, grown", last.handles - first.handles, 0),
    ]
    figures = {
        "frames": frames,
        "fruit": made["fruit"],
        "times_real_time": round(made["sim_s"] / made["wall_s"], 1),
        "entries": {"at 20 %": dict(sorted(first.entries.items())), "at 100 %": dict(sorted(last.entries.items()))},
        "samples": [
            {"at_s": round(s.at_s), "rss_mb": s.rss_mb, "handles": s.handles, "entries": sum(s.entries.values())}
            for s in samples
        ],
    }
    return Finding(figures, targets, SEED)


def _run(setup: Setup, seconds: float) -> tuple[list[Sample], dict[str, Any]]:
    samples: list[Sample] = []

    def progress(fallen: int, at_s: float) -> None:
        if at_s >= (len(samples) + 1) * seconds / MARKS:
            samples.append(Sample(at_s, _resident_mb(), len(list(Path("/dev/fd").iterdir())), entries(run)))

    run = FastRun(setup, progress)
    return samples, run.run()


def entries(root: object) -> Counter[str]:
    """By class of the project's, how many entries lie in the lists, sets, tables and queues of its objects that can be
    reached from `root`. A queue with a length of its own is left out."""
    counts: Counter[str] = Counter()
    known, waiting = {id(root)}, [(root, "")]
    while waiting:
        found, owner = waiting.pop()
        if type(found).__module__.startswith(_OWN):
            owner = type(found).__name__
        if isinstance(found, (list, set, dict)) or (isinstance(found, deque) and found.maxlen is None):
            counts[owner] += len(found)
        for part in _parts(found):
            if id(part) not in known:
                known.add(id(part))
                waiting.append((part, owner))
    return counts


def _parts(found: object) -> Iterator[object]:
    if isinstance(found, dict):
        yield from found.values()
    elif isinstance(found, (list, tuple, set, deque)):
        yield from found
    elif callable(found):
        yield getattr(found, "__self__", None)
    elif type(found).__module__.startswith(_OWN) and not type(found).__module__.startswith(_FIXED):
        yield from getattr(found, "__dict__", {}).values()
        for kind in type(found).__mro__:
            for name in getattr(kind, "__slots__", ()):
                yield getattr(found, name, None)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 2)
