"""`sorter bench capacity`: the most fruit a second and lane that still fall where they are sent, and what limits them.

Each rate is a run of the scenario at perception level `scores`, its pitch and the pitch's spread scaled together. The
highest rate that holds is found by bisection, for parts of the scenario's lanes, for this machine, whose step times are
measured first, and for those whose step times are known. What the bundle gets wrong counts as right here: the fruit
fell where it was sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from edge.config import Profile
from sim.bounds import upper_95
from sim.choice import Perception
from sim.conveyor import Limit
from sim.fast import FastRun
from sim.scenario import Rush
from sim.service import HERE, ServiceTimes, load_service_times, time_here
from sim.setup import Setup, prepare

SCENARIO = "dense"
FRUIT = 600
"""Fruit in a run. More of them make the answer sharper; 600 take a minute in all, 4,000 five."""

LANES = (1, 2, 4)
SERVICE_TIMES = (HERE, "pi4", "pi5")
FALL_RIGHT, HAVE_PULSE = 0.999, 0.9
"""Of the fruit with a pulse, and of all fruit."""

GAP_MM = 5.0
"""The least between two bodies, whatever the scenario keeps."""

_LOWEST_PER_S = 1.0
_WITHIN_PER_S = 0.5
_SEED = 1
_PERCEPTION: Perception = "scores"
_MOST_WORK = 64.0
_WITHIN = 0.05
_FOR_EVER_S = 1e9


@dataclass(frozen=True, slots=True)
class Trial:
    """One run at one rate. `fed_per_s_lane` is what was fed in fact: bodies and their gap keep fruit apart. `faults`
    fell elsewhere than they were sent, or were taken by another's pulse. `lost` had no pulse: for want of time
    (inference), for a neighbour (gap), or because their pictures were too few or said too little (camera)."""

    fed_per_s_lane: float
    fruit: int
    pulses: int
    faults: int
    lost: Mapping[str, int]

    @property
    def holds(self) -> bool:
        return self._aims and self.pulses >= HAVE_PULSE * self.fruit

    def figures(self) -> dict[str, Any]:
        """One point of the curve."""
        return {
            "fruit_per_s_lane": self.fed_per_s_lane,
            "with_pulse": round(self.pulses / self.fruit, 4),
            "faults": self.faults,
        }

    @property
    def _aims(self) -> bool:
        return self.faults <= (1 - FALL_RIGHT) * self.pulses

    @property
    def limited_by(self) -> str:
        """What the most fruit were lost to, where it does not hold."""
        return max(self.lost, key=self.lost.__getitem__) if self._aims else "gate"


def bench(
    fruit: int = FRUIT,
    scenario: str = SCENARIO,
    lanes: Sequence[int] = LANES,
    service_times: Sequence[str] = SERVICE_TIMES,
) -> dict[str, Any]:
    """A row for each number of lanes and each service time. `faults_upper_95` is the bound of the share of faults at
    the rate that was found; `curve` holds every rate that was tried."""
    setup = prepare(scenario, seed=_SEED, limit=Limit(fruit=fruit), perception=_PERCEPTION)
    services = {name: _service(setup, name) for name in service_times}
    rows: list[dict[str, Any]] = []
    curve: list[dict[str, Any]] = []
    for n in lanes:
        some = replace(setup, profile=some_lanes(setup.profile, n))
        for name, service in services.items() if n <= len(setup.profile.lanes) else ():
            case = {"lanes": n, "service_time": name}
            trials: list[Trial] = []
            rows.append(case | _row(replace(some, service=service), trials))
            curve += [case | point.figures() for point in sorted(trials, key=lambda one: one.fed_per_s_lane)]
    times_ms = {name: f"{one.frame_ms:g} a frame, {one.look_ms:g} a look" for name, one in services.items() if one}
    told = {"scenario": scenario, "perception": _PERCEPTION, "fruit": fruit, "times_ms": times_ms}
    return {"rows": rows, **told, "curve": curve}


def headroom(setup: Setup) -> float:
    """How many times as long the device's steps may take at the scenario's own feed before that no longer holds: the
    most work that it can do, in times of its own. Within 5 %; 0 where it cannot do its own. For a setup with a service
    time."""
    low, high = 0.0, 1.0
    while high < _MOST_WORK and _holds_slowed(setup, high):
        low, high = high, 2 * high
    while high - low > _WITHIN * high and low:
        middle = (low + high) / 2
        low, high = (middle, high) if _holds_slowed(setup, middle) else (low, middle)
    return low


def _holds_slowed(setup: Setup, slow: float) -> bool:
    rush = (Rush(from_s=0, to_s=_FOR_EVER_S, slow=slow),)
    return _run(replace(setup, scenario=setup.scenario.model_copy(update={"rush": rush}))).holds


def _service(setup: Setup, name: str) -> ServiceTimes | None:
    return time_here(setup.bundle) if name == HERE and setup.bundle else load_service_times(name)


def some_lanes(profile: Profile, lanes: int) -> Profile:
    """The machine with its first lanes alone."""
    gates = {name: gate for name, gate in profile.gates.items() if gate.lane < lanes}
    return profile.model_copy(update={"lanes": profile.lanes[:lanes], "gates": gates})


def trial(setup: Setup, per_s_lane: float) -> Trial:
    """Run a setup at a rate."""
    feed = setup.scenario.feed
    pitch_mm = setup.profile.belt.speed_mm_s / per_s_lane
    spread_mm = feed.pitch_sd_mm * pitch_mm / feed.pitch_mm
    fed = feed.model_copy(update={"pitch_mm": pitch_mm, "pitch_sd_mm": spread_mm, "gap_mm": min(GAP_MM, feed.gap_mm)})
    return _run(replace(setup, scenario=setup.scenario.model_copy(update={"feed": fed})))


def _run(setup: Setup) -> Trial:
    report = FastRun(setup).run()
    fates, reasons = report["fates"], report["confusion"].values()
    count = {reason: sum(row.get(reason, 0) for row in reasons) for reason in ("shed", "crowded", "doubtful", "none")}
    return Trial(
        fed_per_s_lane=report["fruit_per_s_lane"],
        fruit=report["fruit"],
        pulses=sum(report["pulses"].values()),
        faults=fates["misdirected"] + fates["collateral"] + fates["late"],
        lost={
            "inference": count["shed"],
            "gap": count["crowded"],
            "camera": count["doubtful"] + count["none"],
        },
    )


def _row(setup: Setup, trials: list[Trial]) -> dict[str, Any]:
    """Bisection between a rate that holds and one that does not; every trial is added to `trials`."""
    feed = setup.scenario.feed
    low_per_s = _LOWEST_PER_S
    high_per_s = setup.profile.belt.speed_mm_s / (sum(feed.length_mm) / 2 + GAP_MM)
    best, worst = trial(setup, low_per_s), trial(setup, high_per_s)
    trials += [best, worst]
    if worst.holds:
        best, low_per_s = worst, high_per_s
    while best.holds and high_per_s - low_per_s > _WITHIN_PER_S:
        middle_per_s = (low_per_s + high_per_s) / 2
        found = trial(setup, middle_per_s)
        trials.append(found)
        if found.holds:
            best, low_per_s = found, middle_per_s
        else:
            worst, high_per_s = found, middle_per_s
    return {
        "fruit_per_s_lane": round(best.fed_per_s_lane, 1) if best.holds else 0.0,
        # Where bodies end to end still hold, it is the gap between them that ends it.
        "limited_by": "gap" if worst.holds else worst.limited_by,
        "with_pulse": round(best.pulses / best.fruit, 4),
        "faults_upper_95": round(upper_95(best.faults, best.pulses), 5),
    }
