"""The running score: every fruit that has fallen is settled once, with the device's records at hand, then forgotten."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from edge.config import Profile
from edge.datapath import BELT_END
from sim.aim import Aim
from sim.conveyor import Item
from sim.fates import FATES, Fate, RecordLog, Told, fate_of, own_gate_mm
from sim.gates import MIDDLE
from sim.times import Times
from sim.world import Fall, World

_GRACE_NS = 1_000_000_000
"""Records of a fruit may reach the world this long after it has landed."""

_PICTURES = 4_096
"""Kept: more than two minutes. Of a fruit that took longer, on a belt that stood, no latency is told."""

_UNDECIDED = "none"


@dataclass(slots=True)
class SkinScore:
    """What became of the fruit of one physical skin."""

    fruit: int = 0
    right: int = 0


@dataclass(slots=True)
class Score:
    """All counts of a run. `confusion` is true label to decided label, or to the reason of fruit that were sent to the
    belt's end; `outlets` outlet to true label; `skins` true label to skin to score. Times in nanoseconds."""

    fates: Counter[Fate] = field(default_factory=Counter)
    confusion: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    outlets: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    skins: dict[str, dict[str, SkinScore]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(SkinScore)))
    aim: Aim = field(default_factory=Aim)
    decided: int = 0
    audited: int = 0
    ghosts: int = 0
    damaged: int = 0
    never_faced: int = 0
    latency_ns: Times = field(default_factory=Times)
    slack_ns: Times = field(default_factory=Times)


class Scoreboard:
    """Joins falls with records. `log` is the sink that the device's records go to. One thread.

    `safe` holds the spells in which the machine was in the safe state, (from, to) with None for one that goes on;
    whoever runs the device writes it.
    """

    def __init__(self, profile: Profile, world: World) -> None:
        self.log = RecordLog()
        self.score = Score()
        self.safe: list[tuple[int, int | None]] = []
        self.settled: Callable[[Fall, Told | None, Fate], None] = lambda fall, told, fate: None
        """Told of every fruit that has fallen, with what the device said of it and what became of it."""
        self._profile = profile
        self._world = world
        self._fallen: deque[Fall] = deque()
        self._exposed: deque[int] = deque(maxlen=_PICTURES)
        self._belt_mm = 1.2 * world.end_mm

    def exposed(self, at_ns: int) -> None:
        """A picture was taken: the middle of its exposure, in order."""
        self._exposed.append(at_ns)

    def settle(self, now_ns: int) -> None:
        """Take the world's falls, and settle those whose records have had time to arrive."""
        self._fallen.extend(sorted(self._world.take_falls(), key=lambda fall: fall.landed_at_ns))
        while self._fallen and self._fallen[0].landed_at_ns + _GRACE_NS <= now_ns:
            self._settle(self._fallen.popleft())
        self.score.ghosts += self.log.take_strangers(self._gone_ns(now_ns))

    def finish(self) -> Score:
        """Settle all that has fallen. What was tracked and is no fruit's by now, fallen or still riding, is a ghost."""
        self._fallen.extend(self._world.take_falls())
        for fall in self._fallen:
            self._settle(fall)
        self._fallen.clear()
        for item in self._world.on_belt():
            self._claim(item)
        self.score.ghosts += self.log.take_strangers(1 << 62)
        return self.score

    def _settle(self, fall: Fall) -> None:
        item, score = fall.item, self.score
        told = self._claim(item)
        gate_mm = own_gate_mm(item, told, self._profile)
        gate_ns = self._world.passes_ns(item, gate_mm)
        held = bool(self.safe) and any(
            from_ns <= gate_ns and (to_ns is None or gate_ns < to_ns) for from_ns, to_ns in self.safe
        )
        fate = fate_of(fall, told, held)
        self.settled(fall, told, fate)
        score.fates[fate] += 1
        score.aim.count(item, fate, self._stops_at(item, gate_mm))
        score.outlets[fall.outlet][item.label] += 1
        score.confusion[item.label][_decided(told)] += 1
        skin = score.skins[item.label][item.truth.skin.skin_id]
        skin.fruit += 1
        skin.right += fate == "right"
        if item.label == "damaged":
            score.damaged += 1
            score.never_faced += not self._damage_faced(item)
        if told and told.verdict:
            score.decided += told.verdict.reason == "graded"
            score.audited += told.verdict.reason == "audited"
            self._time(item, told)

    def _claim(self, item: Item) -> Told | None:
        """By place, half a fruit either way: a belt that stands makes that a long time."""
        half_mm, belt = item.truth.length_mm / 2, self._world.belt
        from_ns, to_ns = belt.at_ns(item.origin_mm - half_mm), belt.at_ns(item.origin_mm + half_mm)
        return self.log.claim(item.lane, (from_ns + to_ns) // 2, (to_ns - from_ns + 1) // 2)

    def _gone_ns(self, now_ns: int) -> int:
        """Whatever passed x = 0 before then has left the belt, and is settled."""
        belt = self._world.belt
        return belt.at_ns(belt.travel_mm(now_ns - 2 * _GRACE_NS) - self._belt_mm)

    def _stops_at(self, item: Item, gate_mm: float) -> bool:
        """Whether the belt stood while a fruit was where its gate is held open for it."""
        within_mm = (self._profile.sort.window_mm + MIDDLE * item.truth.length_mm) / 2
        return self._world.belt.stops_near(item.travel_mm(gate_mm), within_mm)

    def _time(self, item: Item, told: Told) -> None:
        """Latency: from the last picture that holds the whole fruit, or the last before the verdict, to the verdict."""
        if told.slack_ns is not None:
            self.score.slack_ns.append(told.slack_ns)
        if told.verdict is None:
            return
        whole_until_ns = self._world.passes_ns(item, self._world.view_mm - item.truth.length_mm / 2)
        until_ns = min(whole_until_ns, told.decided_at_ns)
        last_ns = next((at_ns for at_ns in reversed(self._exposed) if at_ns <= until_ns), None)
        if last_ns is not None:
            self.score.latency_ns.append(told.decided_at_ns - last_ns)

    def _damage_faced(self, item: Item) -> bool:
        half_mm = item.truth.length_mm / 2
        return item.shows_damage(half_mm, self._world.view_mm - half_mm)


def _decided(told: Told | None) -> str:
    if told is None or told.verdict is None:
        return _UNDECIDED
    return told.verdict.label if told.verdict.reason == "graded" else told.verdict.reason


def fates_in_order(score: Score) -> dict[str, int]:
    """Every fate, in the order in which they apply."""
    return {fate: score.fates[fate] for fate in FATES}


def purity(fallen: Counter[str], outlet: str, profile: Profile) -> float | None:
    """The share of an outlet's fruit whose true grade is routed there; None of an empty one."""
    total = fallen.total()
    return sum(n for label, n in fallen.items() if profile.outlet_of(label) == outlet) / total if total else None


def outlets_of(profile: Profile) -> Iterable[str]:
    """Every outlet once, in the profile's order, the belt's end last."""
    return dict.fromkeys([*(gate.outlet for gate in profile.gates.values()), BELT_END])
