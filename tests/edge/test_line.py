"""The line against the smallest world that answers its ports: one lane of fruit at known places, in virtual time."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pytest

from edge.bundle import Thresholds
from edge.datapath import (
    BELT_END,
    BeltSample,
    Detection,
    Frame,
    GatePulse,
    Grades,
    Incident,
    Outcome,
    Track,
    Verdict,
)
from edge.errors import CameraFault
from edge.line import Line
from tests.edge.profiles import demo

PROFILE = demo()
FRAME_NS = 33_333_333
SPEED_UM_S = PROFILE.speed_um_s
GREEN = Grades((1.0, 0.0, 0.0, 0.0), 0.0)
RED = Grades((0.0, 0.05, 0.9, 0.05), 0.0)
THRESHOLDS = Thresholds(least_confidence=0.6, most_unknown=0.5, damaged=0.5)
NO_MASK = np.zeros((1, 1), np.uint8)


@dataclass
class World:
    """Fruit by the belt travel at which they stood at x = 0; `frame` is what the camera would deliver next."""

    origins_um: list[int]
    grades: Grades = RED
    others: Grades | None = None  # what every second fruit is, red where None
    frame: Frame | None = None
    said: list[BeltSample | Outcome] = field(default_factory=list)
    pulses: list[GatePulse] = field(default_factory=list)
    scales: list[int] = field(default_factory=list)
    holds: list[bool] = field(default_factory=list)
    records: list[object] = field(default_factory=list)
    beats: int = 0
    fault: CameraFault | None = None
    bundle = "test@0"

    def take(self) -> Frame | None:
        fault, self.fault = self.fault, None
        if fault:
            raise fault
        frame, self.frame = self.frame, None
        return frame

    def dropped(self) -> int:
        return 0

    def detect(self, frame: Frame) -> list[Detection]:
        travel_um = frame.exposed_at_ns * SPEED_UM_S // 10**9
        seen = []
        for number, origin_um in enumerate(self.origins_um):
            x_mm = (travel_um - origin_um) / 1000
            if 30 <= x_mm <= PROFILE.camera.view_mm - 30:
                seen.append(Detection((number, 0, 1, 1), x_mm, 100.0, 60.0, 60.0, False, frame.pixels, NO_MASK))
        return seen

    def scene(self, travel_um: int) -> None:
        return None

    def grade(self, detections: Sequence[Detection]) -> list[tuple[Grades, float]]:
        odd = self.others or self.grades
        return [(odd if detection.box_px[0] % 2 else self.grades, 1.0) for detection in detections]

    def submit(self, pulse: GatePulse) -> None:
        self.pulses.append(pulse)

    def scale(self, scale_ppm: int) -> None:
        self.scales.append(scale_ppm)

    def hold(self, held: bool) -> None:
        self.holds.append(held)

    def beat(self) -> None:
        self.beats += 1

    def events(self, now_ns: int) -> list[BeltSample | Outcome]:
        said, self.said = self.said, []
        return said

    def put(self, record: object) -> None:
        self.records.append(record)

    def of(self, kind: type) -> list:
        return [r for r in self.records if isinstance(r, kind)]


def run(world: World, seconds: float, blind: range = range(0), belt_known: bool = True, counted: float = 1.0) -> int:
    """Step the line by its own wakes and by every frame, delivered 4 ms after its exposure; returns the steps.
    `counted`: the share of the belt's travel that its samples say."""
    line = Line(PROFILE, "r", world, world, world, world, world, THRESHOLDS)
    now = steps = frame = 0
    while now < seconds * 1e9:
        if belt_known and not steps % 5:
            world.said.append(BeltSample(now, round(now * SPEED_UM_S * counted) // 10**9, round(SPEED_UM_S * counted)))
        wake = line.step(now)
        assert wake > now
        steps += 1
        delivered = frame * FRAME_NS + 4_000_000
        if delivered <= wake:
            now = max(now + 1, delivered)
            if frame not in blind:
                world.frame = Frame("c", frame, frame * FRAME_NS, np.zeros((1, 1, 3), np.uint8))
            frame += 1
        else:
            now = wake
    return steps


def test_a_graded_fruit_gets_one_pulse_aimed_at_its_middle():
    world = World([60_000])
    run(world, 2.0)
    (pulse,) = world.pulses
    gate = PROFILE.gates[pulse.gate]
    assert gate.outlet == "red"
    assert abs((pulse.open_um + pulse.close_um) / 2 - (60_000 + gate.x_mm * 1000)) < 2_000
    assert [v.outlet for v in world.of(Verdict)] == ["red"]


def test_what_the_fruit_say_of_the_belt_goes_to_the_gates_and_to_the_operator_at_once():
    world = World([60_000 + n * 110_000 for n in range(9)])
    run(world, 3.0, counted=0.95)
    (scale_ppm,) = world.scales
    assert scale_ppm == pytest.approx(1_000_000 / 0.95, rel=2e-3)
    assert [(told.code, told.state) for told in world.of(Incident)] == [("belt_off_speed", "raised")]


def test_slow_frames_cost_slack_but_never_aim():
    prompt, starved = World([60_000]), World([60_000])
    run(prompt, 2.0)
    run(starved, 2.0, blind=range(8, 16))
    assert abs(prompt.pulses[0].open_um - starved.pulses[0].open_um) < 1_000


def test_a_fruit_is_decided_in_time_though_the_camera_stalls():
    world = World([60_000])
    run(world, 2.0, blind=range(12, 100))
    (verdict,) = world.of(Verdict)
    (track,) = world.of(Track)
    gate_um = track.belt_um + PROFILE.gates["red_0"].x_mm * 1000
    decided_um = verdict.decided_at_ns * SPEED_UM_S // 10**9
    assert gate_um - decided_um > PROFILE.belt.speed_mm_s * PROFILE.sort.latency_budget_ms


def test_fruit_too_close_for_a_window_of_their_own_go_to_the_belts_end():
    world = World([60_000, 60_000 + 42_000], others=GREEN)
    run(world, 2.5)
    first, _ = world.of(Verdict)
    assert (first.reason, first.outlet) == ("crowded", BELT_END)
    assert all(pulse.gate == "green_0" for pulse in world.pulses)


def test_fruit_for_the_same_outlet_may_stand_close():
    world = World([60_000, 60_000 + 48_000])
    run(world, 2.5)
    assert [pulse.gate for pulse in world.pulses] == ["red_0", "red_0"]


def test_what_the_bundle_does_not_know_runs_to_the_belts_end():
    world = World([60_000], grades=Grades(RED.scores, 0.9))
    run(world, 2.0)
    assert [(v.label, v.outlet) for v in world.of(Verdict)] == [("unknown", BELT_END)]
    assert world.pulses == []


def test_a_camera_that_is_gone_takes_no_outcome_with_it():
    world = World([])
    line = Line(PROFILE, "r", world, world, world, world, world, THRESHOLDS)
    world.said = [BeltSample(0, 0, SPEED_UM_S)]
    line.step(0)
    outcome = Outcome(GatePulse("r.1", "red_0", 0, 1, 0, 0), "fired", 0, 0)
    world.said, world.fault = [outcome], CameraFault("unplugged")
    with pytest.raises(CameraFault):
        line.step(1)
    line.step(2)
    assert world.of(Outcome) == [outcome]


def test_nothing_is_tracked_before_the_belts_travel_is_known():
    world = World([60_000])
    steps = run(world, 1.0, belt_known=False)
    assert world.of(Track) == []
    assert world.beats == steps


def test_the_line_rests_between_its_steps_even_with_fruit_about_to_leave():
    assert run(World([60_000, 200_000, 330_000]), 2.0) < 400


def test_looks_are_spread_over_the_view_and_bounded():
    world = World([60_000])
    run(world, 2.0)
    (track,) = world.of(Track)
    assert PROFILE.grade.fewest_looks <= len(track.looks) <= PROFILE.grade.most_looks
    frames = [look.frame for look in track.looks]
    assert frames == sorted(set(frames))
    assert frames[-1] - frames[0] >= 12


def test_a_fruit_whose_damage_has_been_seen_is_not_looked_at_again():
    sound, rotten = World([60_000]), World([60_000], grades=Grades((0.0, 0.0, 0.0, 1.0), 0.0))
    run(sound, 2.0)
    run(rotten, 2.0)
    assert len(rotten.of(Track)[0].looks) == PROFILE.grade.fewest_looks
    assert len(sound.of(Track)[0].looks) > PROFILE.grade.fewest_looks
