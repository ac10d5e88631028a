"""What the line does so that the gates are safe: it beats, and holds them while an error stands."""

import numpy as np

from edge.datapath import BeltSample, EmergencyStop, Frame, Incident
from edge.incidents import Told
from edge.line import Line
from tests.edge.test_line import PROFILE, SPEED_UM_S, THRESHOLDS, World


def test_an_error_holds_the_gates_while_it_stands_and_both_are_told_once():
    world = World([])
    line = Line(PROFILE, "r", world, world, world, world, world, THRESHOLDS)
    for told in (Told("camera_lost", True), Told("camera_lost", True), Told("overload", True, {"shed": 1})):
        line.standing.hear([told], 5)
    assert world.holds == [True]
    line.standing.hear([Told("camera_lost", False)], 6)
    assert world.holds == [True, False]
    said = [(told.at_ns, told.code, told.state) for told in world.of(Incident)]
    assert said == [(5, "camera_lost", "raised"), (5, "overload", "raised"), (6, "camera_lost", "cleared")]


def test_a_long_step_beats_between_its_crops():
    world = World([100_000 + 30_000 * n for n in range(11)])
    line = Line(PROFILE, "r", world, world, world, world, world, THRESHOLDS)
    world.said, world.frame = [BeltSample(0, 0, SPEED_UM_S)], None
    line.step(0)
    beats, at_ns = world.beats, 800_000_000
    world.said = [BeltSample(at_ns, at_ns * SPEED_UM_S // 10**9, SPEED_UM_S)]
    world.frame = Frame("c", 1, at_ns, np.zeros((1, 1, 3), np.uint8))
    line.step(at_ns)
    assert line.counts.looks > 8
    assert world.beats - beats == 2 + -(-line.counts.looks // 8)


def test_the_emergency_stop_holds_the_gates_from_its_press_to_its_release_even_before_the_belt_is_known():
    world = World([])
    line = Line(PROFILE, "r", world, world, world, world, world, THRESHOLDS)
    for at_ns, pressed in ((1, True), (2, False)):
        world.said = [EmergencyStop(at_ns, pressed)]
        line.step(at_ns)
    assert world.holds == [True, False]
    said = [(told.at_ns, told.code, told.state) for told in world.of(Incident)]
    assert said == [(1, "e_stop", "raised"), (2, "e_stop", "cleared")]
    assert world.of(EmergencyStop) == [EmergencyStop(1, True), EmergencyStop(2, False)]
