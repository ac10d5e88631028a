"""The machine's hidden truth: every draw that the device may not know, from the seed.

Each draw has a stream of its own, keyed by seed, purpose and number, so that nothing which the device does can shift
another draw. `random.Random` keeps its sequences from one Python to the next.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.config import Profile
from sim.faults import Faults
from sim.fruit import Skin
from sim.motion import Belt, Step
from sim.newcomers import coming, without
from sim.scenario import Feed, Scenario
from sim.wheel import Wheel

MS = 1_000_000
_ROLLS, _OVERLAP = -0.08, 0.5
"""A fruit that rolls against the belt loses such a share of its travel; one that lies over another covers so much."""

_SLIP_SDS = 2.0
"""Slip is cut off here: a fruit that is further off has been knocked, which is a fault of its own."""


def stream(seed: int, *purpose: object) -> random.Random:
    """The random stream of one purpose."""
    return random.Random(stream_key(seed, *purpose))


def stream_key(seed: int, *purpose: object) -> str:
    """What seeds it."""
    return f"{seed}/{'/'.join(map(str, purpose))}"


@dataclass(frozen=True, slots=True)
class GateTruth:
    """One gate as it is: its place, its delays, and the spread of each actuation."""

    name: str
    lane: int
    outlet: str
    x_mm: float
    open_delay_ns: float
    close_delay_ns: float
    sd_ns: float
    jitter: random.Random


@dataclass(frozen=True, slots=True)
class MachineTruth:
    """The machine as it is. `skew_rad` turns the camera about the middle of its picture; `light` is 1 where it is
    as bright as the fruit were painted; `speed_mm_s` is the one speed of a belt without a `program`, and
    the greatest of one with."""

    speed_mm_s: float
    mm_per_px: float
    skew_rad: float
    light: float
    gates: tuple[GateTruth, ...]
    program: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class FruitTruth:
    """One fruit as it is. `number` counts in its lane; `y_mm` across the belt; `slip` is a fraction of its travel;
    `phase` its turn at x = 0. `space_mm` is the middle-to-middle distance to the fruit before it."""

    lane: int
    number: int
    skin: Skin
    length_mm: float
    width_mm: float
    y_mm: float
    yaw_rad: float
    slip: float
    turns_per_mm: float
    phase: float
    landing_ns: int
    space_mm: float


def draw_machine(profile: Profile, scenario: Scenario, seed: int) -> MachineTruth:
    """Speed, scale, skew and gates."""
    t = scenario.truth
    rig = stream(seed, "rig")
    stray = (1 + t.belt_off) * (1 + rig.uniform(-t.belt_speed, t.belt_speed))
    told = scenario.belt.program
    program = tuple(Step(step.speed_mm_s * stray, step.hold_s, step.ramp_mm_s2) for step in told)
    return MachineTruth(
        speed_mm_s=max(step.speed_mm_s for step in program) if program else profile.belt.speed_mm_s * stray,
        mm_per_px=profile.camera.mm_per_px * (1 + rig.uniform(-t.mm_per_px, t.mm_per_px)),
        skew_rad=math.radians(rig.uniform(-t.skew_deg, t.skew_deg)),
        light=1 + rig.uniform(-t.light, t.light),
        gates=tuple(_draw_gate(profile, scenario, seed, name) for name in profile.gates),
        program=program,
    )


def draw_wheel(profile: Profile, scenario: Scenario, seed: int, belt: Belt, faults: Faults) -> Wheel | None:
    """The encoder's wheel on this belt; None on a machine without an encoder."""
    if profile.encoder is None:
        return None
    told, off = scenario.belt, scenario.truth.um_per_edge
    um_per_edge = profile.encoder.um_per_edge * (1 + stream(seed, "wheel").uniform(-off, off))
    slips = ((told.wheel_slips_from_mm, math.inf, told.wheel_slip),)
    return Wheel(profile.encoder, um_per_edge, slips, belt, faults)


def _draw_gate(profile: Profile, scenario: Scenario, seed: int, name: str) -> GateTruth:
    t, told, draw = scenario.truth, profile.gates[name], stream(seed, "gate", name)
    return GateTruth(
        name=name,
        lane=told.lane,
        outlet=told.outlet,
        x_mm=told.x_mm + t.gates_off_mm + draw.uniform(-t.gate_x_mm, t.gate_x_mm),
        open_delay_ns=MS * max(0.0, told.open_delay_ms + draw.uniform(-t.gate_delay_ms, t.gate_delay_ms)),
        close_delay_ns=MS * max(0.0, told.close_delay_ms + draw.uniform(-t.gate_delay_ms, t.gate_delay_ms)),
        sd_ns=MS * t.gate_sd_ms,
        jitter=stream(seed, "actuation", name),
    )


class FruitDraws:
    """The fruit of one run, one after the other in each lane. `skins` by true grade; a grade without any is not fed."""

    def __init__(self, profile: Profile, scenario: Scenario, seed: int, skins: Mapping[str, Sequence[Skin]]) -> None:
        self._profile = profile
        self._scenario = scenario
        self._seed = seed
        self._faults = Faults(scenario.fault)
        usual = without(skins, scenario.newcomer)
        self._fruit = {label: _by_fruit(of_label) for label, of_label in usual.items()}
        self._newcomers = [(one, _by_fruit(own)) for one, own in coming(scenario.newcomer, skins)]
        mix: dict[str, int] = scenario.feed.mix.model_dump()
        self._round = [label for label in mix if usual.get(label) for _ in range(mix[label])]
        self._draw = random.Random(0)  # seeded anew for each fruit: to make another takes twice as long
        self._orders: dict[int, tuple[int, list[str]]] = {}
        """By lane the round that was asked for last, and its order."""
        if not self._round:
            raise ValueError(
                f"none of the fruit has a grade that is fed: {', '.join(label for label in mix if mix[label])}"
            )

    def label(self, lane: int, number: int) -> str:
        """The true grade of a fruit: each round of the mix is shuffled by itself."""
        n, place = divmod(number, len(self._round))
        which, order = self._orders.get(lane, (-1, []))
        if which != n:
            order = list(self._round)
            stream(self._seed, "round", lane, n).shuffle(order)
            self._orders[lane] = n, order
        return order[place]

    def draw(self, lane: int, number: int, before: FruitTruth | None, fed_s: float = 0.0) -> FruitTruth:
        """The next fruit of a lane, where it has been fed for so long. One close to the fruit before it travels with
        it: they share their slip."""
        feed, truth = self._scenario.feed, self._scenario.truth
        draw = self._draw
        draw.seed(stream_key(self._seed, "fruit", lane, number))
        skin = draw.choice(draw.choice(self._fruit[self.label(lane, number)]))
        skin = self._newcomer(lane, number, fed_s) or skin
        length_mm = draw.uniform(*feed.length_mm)
        space_mm, close = _space(feed, draw, length_mm, before, self._scenario.feed_factor(fed_s))
        space_mm, close = self._befall(space_mm, close, length_mm, before, number, fed_s)
        slip = max(-_SLIP_SDS, min(_SLIP_SDS, draw.gauss(0, 1))) * truth.slip_sd
        rolls = number % 3 == 2 and self._holds("fruit-rolling", fed_s)
        strip = self._profile.lanes[lane]
        play_mm = max(0.0, (strip.to_mm - strip.from_mm - length_mm) / 2)
        offset_mm = max(-play_mm, min(play_mm, draw.gauss(0, feed.offset_mm)))
        return FruitTruth(
            lane=lane,
            number=number,
            skin=skin,
            length_mm=length_mm,
            width_mm=length_mm,  # a skin's views are squares: the picture holds the true outline
            y_mm=(strip.from_mm + strip.to_mm) / 2 + offset_mm,
            yaw_rad=math.radians(draw.uniform(-feed.yaw_deg, feed.yaw_deg)),
            slip=_ROLLS if rolls else before.slip if before is not None and close else slip,
            turns_per_mm=draw.uniform(*feed.turns_per_m) / 1000,
            phase=draw.random(),
            landing_ns=round(MS * max(0.0, draw.gauss(truth.landing_ms, truth.landing_sd_ms))),
            space_mm=space_mm,
        )

    def _newcomer(self, lane: int, number: int, fed_s: float) -> Skin | None:
        """The skin of one of them, where one comes: a draw of its own, so that all else stays as it was."""
        for n, (one, fruit) in enumerate(self._newcomers):
            if one.holds(fed_s):
                draw = stream(self._seed, "newcomer", n, lane, number)
                if draw.random() < one.share:
                    return draw.choice(draw.choice(fruit))
        return None

    def _befall(
        self, space_mm: float, close: bool, length_mm: float, before: FruitTruth | None, number: int, fed_s: float
    ) -> tuple[float, bool]:
        """The distance to the fruit before, where a fault makes it less."""
        if before is None or not self._faults:
            return space_mm, close
        bodies_mm = (length_mm + before.length_mm) / 2
        if number % 2 and self._holds("fruit-touching", fed_s):
            return bodies_mm, True
        if number % 4 == 3 and self._holds("fruit-double", fed_s):
            return _OVERLAP * bodies_mm, True
        return space_mm, close

    def _holds(self, name: str, fed_s: float) -> bool:
        return bool(self._faults) and self._faults.holds(name, round(fed_s * 1e9))


def _by_fruit(skins: Sequence[Skin]) -> list[list[Skin]]:
    """Skins of one physical fruit together, so that each fruit is drawn as often as any other."""
    fruit: dict[str, list[Skin]] = {}
    for skin in skins:
        fruit.setdefault(skin.skin_id, []).append(skin)
    return list(fruit.values())


def _space(
    feed: Feed, draw: random.Random, length_mm: float, before: FruitTruth | None, factor: float
) -> tuple[float, bool]:
    """The distance to the fruit before, and whether the two stand close on purpose."""
    kind, gap_mm = draw.random(), draw.uniform(*feed.pair_gap_mm)
    pitch_mm = draw.gauss(feed.pitch_mm, feed.pitch_sd_mm) / factor
    if before is None:
        return draw.uniform(0, feed.pitch_mm), False
    bodies_mm = (length_mm + before.length_mm) / 2
    if kind < feed.touching:
        return bodies_mm, True
    if kind < feed.touching + feed.paired:
        return bodies_mm + gap_mm, True
    return max(pitch_mm, bodies_mm + feed.gap_mm), False
