"""Lanes of fruit that fall as they are made to, in virtual time: what do the exit sensors show of it?"""

import json
import random
from dataclasses import dataclass, field

import pytest

from edge.belt import BeltEstimate
from edge.datapath import BELT_END, BeltSample, Fall, GatePulse, Outcome
from edge.incidents import CATALOGUE, Told
from edge.sort.confirm import REMEMBERED, Confirmation
from edge.trace.memory import freeze, plain, thaw
from tests.edge.profiles import demo
from tests.edge.sort.fakes import MS, SPEED_UM_S, track

DEMO = demo()
PINS = {name: 7 + n for n, name in enumerate(DEMO.gates)}
PROFILE = DEMO.model_copy(
    update={"gates": {name: gate.model_copy(update={"exit_pin": PINS[name]}) for name, gate in DEMO.gates.items()}}
)
OUTLETS = ("red", "turning", "green", "damaged")
GATES = {name: round(gate.x_mm * 1000) for name, gate in PROFILE.gates.items()}


@dataclass
class Lanes:
    """Fruit at drawn distances in two lanes. `falls_at(fruit, gate)` says whether one falls at a gate that it meets."""

    seed: int = 1
    landing_ms: float = 180.0
    pitch_mm: float = 120.0
    told: list = field(default_factory=list)
    fruit: int = 0

    def __post_init__(self):
        self.draw = random.Random(self.seed)
        self.belt = BeltEstimate()
        self.belt.observe(BeltSample(0, 0, SPEED_UM_S))
        self.confirmation = Confirmation(PROFILE)
        self.at_um = 1_000_000

    def outcome(self, outcome):
        return outcome

    def own(self, bound, gate):
        return bound == gate and self.draw.random() > 0.005

    def run(self, fruit, falls=None, late_ms=0.0, second=lambda gate: False, shifted=0):
        """Feed so many fruit a lane, one after the other, each with all that it does."""
        falls = falls or self.own
        events = []
        for lane in (0, 1):
            at_um, row = self.at_um, []
            for _ in range(fruit):
                at_um += round(self.draw.gauss(self.pitch_mm, 12) * 1000)
                outlet = self.draw.choice((*OUTLETS, BELT_END))
                row.append((at_um, None if outlet == BELT_END else f"{outlet}_{lane}"))
            events += self._lane(lane, row, falls, late_ms, second, shifted)
            end_um = at_um
        self.at_um = end_um + 200_000
        self._play(sorted(events, key=lambda event: event[0]))

    def _lane(self, lane, row, falls, late_ms, second, shifted):
        for n, (at_um, bound) in enumerate(row):
            self.fruit += 1
            name = f"run.{self.fruit}"
            yield self._ns(at_um + 400_000), "sent", (track(name, at_um / 1000, lane), bound)
            if bound:
                x_um = at_um + GATES[bound]
                pulse = GatePulse(name, bound, x_um - 25_000, x_um + 25_000, 0, 0)
                yield self._ns(x_um - 25_000), "outcome", Outcome(pulse, "fired", self._ns(x_um - 25_000), 0)
            # The fruit that is truly there when this one's pulses come.
            true_um = row[n + shifted][0] - 120_000 * shifted if 0 <= n + shifted < len(row) else at_um
            for gate in (g for g in GATES if g.endswith(f"_{lane}")):
                if falls(bound, gate):
                    at_ns = self._ns(true_um + GATES[gate]) + round(
                        self.draw.gauss(self.landing_ms + late_ms * (gate == bound), 20) * MS
                    )
                    yield at_ns, "fall", Fall(gate, at_ns)
                    yield at_ns + 40 * MS, "fall", Fall(gate, at_ns + 40 * MS, ended=True)
                    if second(gate):
                        yield at_ns + 70 * MS, "fall", Fall(gate, at_ns + 70 * MS)
                        yield at_ns + 80 * MS, "fall", Fall(gate, at_ns + 80 * MS, ended=True)
                    break

    def _play(self, events):
        step_ns = 0
        for at_ns, what, value in events:
            while step_ns <= at_ns:
                self.told += self.confirmation.news(step_ns, self.belt)
                step_ns += 50 * MS
            if what == "sent":
                self.confirmation.sent(*value)
            elif what == "outcome":
                self.confirmation.hear(self.outcome(value), self.belt)
            else:
                self.confirmation.hear(value, self.belt)
        self.now_ns = events[-1][0] + 1_000 * MS
        while step_ns <= self.now_ns:
            self.told += self.confirmation.news(step_ns, self.belt)
            step_ns += 50 * MS

    @staticmethod
    def _ns(um):
        return um * 10**9 // SPEED_UM_S

    @property
    def raised(self):
        return [(told.code, *told.figures.values()) for told in self.told if told.raised]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("landing_ms", [180.0, 230.0])
def test_a_healthy_machine_raises_nothing(seed, landing_ms):
    lanes = Lanes(seed, landing_ms)
    lanes.run(1_000)
    assert lanes.told == []


def test_a_gate_that_never_opens_is_named_taken_out_of_use_and_tried_again():
    lanes = Lanes()
    lanes.run(60)
    lanes.run(60, falls=lambda bound, gate: bound == gate != "green_1")
    assert lanes.raised[0] == ("gate_stuck_closed", "green_1")
    assert {name for _, name in lanes.raised} == {"green_1"}
    at_ns = next(at for at in range(0, lanes.now_ns, 100 * MS) if lanes.confirmation.out("green_1", at))
    assert lanes.confirmation.out("green_1", at_ns)
    assert not lanes.confirmation.out("green_1", lanes.now_ns + 10_000 * MS)
    assert not lanes.confirmation.out("red_1", at_ns)
    lanes.run(400)
    assert not lanes.told[-1].raised


def test_a_gate_that_stands_open_is_named_within_some_fruit_and_stops_the_line():
    lanes = Lanes()
    lanes.run(60)
    assert lanes.told == []
    lanes.run(12, falls=lambda bound, gate: gate == "turning_0" if bound != "red_0" else gate == "red_0")
    assert lanes.raised[0] == ("gate_stuck_open", "turning_0")
    assert CATALOGUE["gate_stuck_open"].severity == "error"
    assert CATALOGUE["gate_stuck_open"].latch


def test_a_gate_that_takes_half_of_its_fruit_is_slow():
    lanes = Lanes(seed=3)
    lanes.run(60)
    lanes.run(100, falls=lambda bound, gate: bound == gate and (gate != "red_0" or lanes.draw.random() < 0.5))
    assert lanes.raised[0] == ("gate_slow", "red_0")


def test_a_gate_whose_fruit_fall_late_is_slow():
    lanes = Lanes()
    lanes.run(150)
    assert lanes.told == []
    lanes.run(300, late_ms=45.0)
    assert {code for code, _ in lanes.raised} == {"gate_slow"}


def test_a_second_edge_behind_each_fall_is_a_gate_that_bounces():
    lanes = Lanes()
    lanes.run(60)
    lanes.run(60, second=lambda gate: gate == "red_1")
    assert set(lanes.raised) == {("gate_bouncing", "red_1")}
    lanes.run(300)
    assert (lanes.told[-1].code, lanes.told[-1].raised) == ("gate_bouncing", False)


def test_a_lane_in_which_nothing_falls_is_jammed_and_no_gate_is_blamed():
    lanes = Lanes()
    lanes.run(60)
    lanes.run(20, falls=lambda bound, gate: bound == gate and gate.endswith("_1"))
    assert lanes.raised[0] == ("lane_jam", "0")
    assert not {code for code, _ in lanes.raised} - {"lane_jam"}


def test_a_beam_that_stays_broken_is_a_jam_of_its_outlet_until_it_is_whole():
    confirmation, belt = Confirmation(PROFILE), BeltEstimate()
    belt.observe(BeltSample(0, 0, SPEED_UM_S))
    confirmation.hear(Fall("red_0", 100 * MS), belt)
    assert confirmation.news(1_050 * MS, belt) == []
    (told,) = confirmation.news(1_150 * MS, belt)
    assert (told.code, told.raised, told.figures) == ("outlet_jammed", True, {"gates": "red_0"})
    confirmation.hear(Fall("red_0", 1_200 * MS, ended=True), belt)
    (told,) = confirmation.news(1_250 * MS, belt)
    assert (told.code, told.raised) == ("outlet_jammed", False)


@pytest.mark.parametrize("shifted", [-1, 1])
def test_falls_that_fit_the_fruit_beside_better_are_a_queue_that_slipped(shifted):
    lanes = Lanes()
    lanes.run(500, shifted=shifted)
    assert {code for code, _ in lanes.raised} == {"queue_slipped"}


def test_a_fruit_whose_pulse_was_not_fired_is_not_missed():
    lanes = Lanes()
    lanes.outcome = lambda outcome: Outcome(outcome.pulse, "refused", None, 0)
    lanes.run(100, falls=lambda bound, gate: False)
    assert lanes.told == []


def test_without_exit_sensors_nothing_is_ever_told():
    lanes = Lanes()
    lanes.confirmation = Confirmation(DEMO)
    lanes.run(100, falls=lambda bound, gate: False)
    assert lanes.told == []


def test_what_it_remembers_comes_back_from_a_recording_in_the_middle_of_a_fault():
    def told(cut):
        lanes = Lanes()
        lanes.run(60)
        lanes.run(40, falls=lambda bound, gate: bound == gate != "green_1")
        if cut:
            kinds = (*REMEMBERED, Told)
            held = json.loads(json.dumps(freeze({"it": lanes.confirmation}, kinds), default=plain))
            lanes.confirmation = Confirmation(PROFILE)
            thaw({"it": lanes.confirmation}, held, kinds)
        lanes.run(200)
        return lanes.told

    assert told(cut=True) == told(cut=False) != []
