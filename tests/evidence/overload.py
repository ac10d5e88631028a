"""More work than the machine can do, measured against what `sim.capacity` finds that it can: in what order the line
leaves work undone, how well it aims meanwhile, and how soon it is itself again."""

from __future__ import annotations

import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from edge.detect.tracks import Tracker
from sim.bounds import upper_95
from sim.capacity import headroom
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.fates import Fate, Told
from sim.scenario import Rush
from sim.setup import Setup, prepare
from sim.timeline import START_NS
from sim.world import Fall
from tests.evidence.trial import Finding, Trial, at_least, at_most, is_so

SEED = 1
FRUIT, STEP = 20_000, 2_000
LOADS = (1.5, 3.0)
STEPS = (0.5, 0.8, 1.0, 1.5, 3.0)
"""In times of the capacity."""

CALM_S, SPELL_S, NORMAL_S = 3.0, 5.0, 2.0
_FOR_EVER_S = 1e9
AIM = ("misdirected", "late", "collateral")


@dataclass(frozen=True, slots=True)
class Sample:
    """The line at an instant: counts since the run began, what waits, and the most memory held so far."""

    at_s: float
    frames: int
    looks: int
    tracks: int
    pulses: int
    messages: int
    memory_mb: float


@dataclass(slots=True)
class Watched:
    """A run, looked at ten times a simulated second. `shed_s` are the instants at which fruit were shed."""

    report: dict[str, Any] = field(default_factory=dict)
    samples: list[Sample] = field(default_factory=list)
    shed_s: list[float] = field(default_factory=list)

    def settled(self, _fall: Fall, told: Told | None, fate: Fate) -> None:
        if fate == "shed" and told:
            self.shed_s.append((told.decided_at_ns - START_NS) / 1e9)

    def rate_hz(self, name: str, spans: Sequence[tuple[float, float]]) -> float:
        """How often something was counted, over some spans of the run."""
        counted = lasted_s = 0.0
        for from_s, to_s in spans:
            inside = [one for one in self.samples if from_s <= one.at_s <= to_s]
            if len(inside) > 1:
                counted += getattr(inside[-1], name) - getattr(inside[0], name)
                lasted_s += inside[-1].at_s - inside[0].at_s
        return counted / lasted_s if lasted_s else 0.0

    def queues(self) -> dict[str, float]:
        """The longest that each queue was, and how much more memory was held at the end than at the first quarter's."""
        longest = {name: max(getattr(one, name) for one in self.samples) for name in ("tracks", "pulses", "messages")}
        early = self.samples[len(self.samples) // 4]
        return {**longest, "memory_growth_mb": round(self.samples[-1].memory_mb - early.memory_mb, 1)}


def overload(trial: Trial) -> Finding:
    """1.5 and 3 times the most work that a Pi 4 can do on the dense line, in spells. Less than a minute."""
    step = trial.count(STEP, 400)
    setup = prepare("dense", seed=SEED, limit=Limit(fruit=step), perception="scores", service_time="pi4")
    most = headroom(setup)
    steps = [_step(_slowed(setup, load * most), load) for load in STEPS]
    fruit = trial.count(FRUIT, 1_100)
    spells = _spells(fruit / _fed_hz(setup), most)
    found = _watch(replace(_rushed(setup, spells), limit=Limit(fruit=fruit)))
    aim = sum(found.report["fates"][fate] for fate in AIM)
    after = _after(found, spells)
    own = _step(setup, 1 / most)
    usual = {name: round(after[name] / own[name], 4) for name in ("frames_hz", "looks_hz")}
    latency_ms = found.report["latency_ms"]
    figures = {
        **found.report,
        "work_that_it_can_do": round(most, 2),
        "steps": steps,
        "queues": found.queues(),
        "after_a_spell": {**after, "of_the_usual": usual},
        "aim_faults_upper_95": round(upper_95(aim, fruit), 6),
    }
    targets = [
        at_most("share of aim faults", aim / fruit, 0.001),
        at_least("fruit shed", found.report["fates"]["shed"], 1),
        is_so("looks are left out before fruit are shed", _in_order(steps)),
        at_most("from picture to verdict, p99, ms", latency_ms["p99"], setup.profile.sort.latency_budget_ms),
        at_most("longest from picture to verdict, ms; it comes to its gate then", latency_ms["max"], _way_ms(setup)),
        at_most("tracks followed at once", figures["queues"]["tracks"], 4 * 16),
        at_most("pulses that wait for their gate", figures["queues"]["pulses"], 4 * 16),
        at_most("memory that grows after the first quarter, MB", figures["queues"]["memory_growth_mb"], 20),
        at_most("from a spell's end to the last fruit shed for it, s", after["last_shed_s"], NORMAL_S),
        at_least("frames taken from 2 s after a spell on, of the usual", usual["frames_hz"], 0.97),
        at_least("looks made from 2 s after a spell on, of the usual", usual["looks_hz"], 0.95),
    ]
    return Finding(figures, targets, SEED)


def _step(setup: Setup, load: float) -> dict[str, Any]:
    """One load, held for the whole run."""
    found = _watch(setup)
    fruit, whole = found.report["fruit"], [(1.0, found.samples[-1].at_s - 4)]
    return {
        "times_capacity": load,
        "frames_hz": round(found.rate_hz("frames", whole), 1),
        "looks_hz": round(found.rate_hz("looks", whole), 1),
        "with_pulse": round(sum(found.report["pulses"].values()) / fruit, 4),
        "shed": round(found.report["fates"]["shed"] / fruit, 4),
        "aim_faults": sum(found.report["fates"][fate] for fate in AIM),
        "latency_ms": found.report["latency_ms"],
    }


def _in_order(steps: Sequence[dict[str, Any]]) -> bool:
    """With more load never more looks and never fewer fruit shed; and at some load looks are left out and no fruit."""
    looks = [one["looks_hz"] for one in steps]
    shed = [one["shed"] for one in steps]
    spared = any(one["looks_hz"] < 0.95 * looks[0] and one["shed"] < 0.002 for one in steps)
    return spared and all(b <= 1.02 * a for a, b in pairwise(looks)) and all(b >= a for a, b in pairwise(shed))


def _after(found: Watched, spells: Sequence[Rush]) -> dict[str, float]:
    """How the line does between two spells: when it sheds its last fruit for the one before, and its rates from
    `NORMAL_S` on."""
    calm = [(one.to_s, one.to_s + CALM_S) for one in spells]
    lags_s = [shed_s - from_s for from_s, to_s in calm for shed_s in found.shed_s if from_s <= shed_s < to_s]
    spans = [(from_s + NORMAL_S, to_s) for from_s, to_s in calm]
    return {
        "last_shed_s": round(max(lags_s, default=0.0), 3),
        "frames_hz": round(found.rate_hz("frames", spans), 1),
        "looks_hz": round(found.rate_hz("looks", spans), 1),
    }


def _spells(fed_s: float, most: float) -> list[Rush]:
    """One load after the other with calm between them, for as long as fruit are fed and calm is left behind."""
    spells: list[Rush] = []
    from_s = CALM_S
    while from_s + SPELL_S + CALM_S <= fed_s:
        slow = LOADS[len(spells) % len(LOADS)] * most
        spells.append(Rush(from_s=from_s, to_s=from_s + SPELL_S, slow=slow))
        from_s += SPELL_S + CALM_S
    return spells


def _fed_hz(setup: Setup) -> float:
    return setup.profile.belt.speed_mm_s / setup.scenario.feed.pitch_mm * len(setup.profile.lanes)


def _way_ms(setup: Setup) -> float:
    """From the picture's end to the first gate's first edge: whatever is decided later is shed."""
    profile, longest_mm = setup.profile, setup.scenario.feed.length_mm[1]
    gate = min(profile.gates.values(), key=lambda one: one.x_mm)
    way_mm = gate.x_mm - profile.sort.window_mm / 2 - (profile.camera.view_mm - longest_mm / 2)
    return way_mm / profile.belt.speed_mm_s * 1e3 - gate.open_delay_ms


def _slowed(setup: Setup, slow: float) -> Setup:
    return _rushed(setup, [Rush(from_s=0, to_s=_FOR_EVER_S, slow=slow)])


def _rushed(setup: Setup, rush: Sequence[Rush]) -> Setup:
    return replace(setup, scenario=setup.scenario.model_copy(update={"rush": tuple(rush)}))


def _watch(setup: Setup) -> Watched:
    watched = Watched()

    def sample(_fallen: int, at_s: float) -> None:
        counts, tracker = run.line.counts, run.line.memory()["tracker"]
        assert isinstance(tracker, Tracker)
        waiting = sum(told.pulse is not None and told.outcome is None for told in run.board.log.told.values())
        tracks, messages = sum(1 for _ in tracker.all()), run.outbox.counts().queued
        watched.samples.append(Sample(at_s, counts.frames, counts.looks, tracks, waiting, messages, _memory_mb()))

    run = FastRun(setup, sample)
    run.board.settled = watched.settled
    watched.report = run.run()
    return watched


def _memory_mb() -> float:
    """The most that this process has held. Linux counts in KiB, macOS in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
