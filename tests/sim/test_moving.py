"""The whole machine on a belt that slows, stops and ramps, at labels given: who falls where, and what the operator is
told."""

import pytest

from sim.conveyor import Limit
from sim.fast import FastRun
from sim.setup import prepare
from tests.sim.worlds import setup


def report(name, fruit, seed=1, **belt):
    chosen = prepare(name, seed=seed, limit=Limit(fruit), perception="truth").scenario
    chosen = chosen.model_copy(update={"belt": chosen.belt.model_copy(update=belt)})
    made = FastRun(setup(chosen, seed, fruit)).run()
    assert sum(made["fates"].values()) == fruit
    return made


def faults_from(made, number):
    return [fault for fault in made["aim"]["named"] if fault["fruit"] >= number]


@pytest.mark.slow
def test_with_an_encoder_ramps_and_stops_cost_no_fruit_but_those_that_stood_at_their_gate():
    made = report("ramps", 260)
    assert made["aim"]["faults"] == 0
    assert made["ghosts"] == 0
    assert made["incidents"] == []
    assert made["fates"]["right"] >= 260 - made["aim"]["stopped_at_gate"]
    assert made["aim"]["stopped_at_gate"] <= 4


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_a_wheel_that_slips_is_found_told_of_and_corrected_within_twenty_fruit(seed):
    made = report("wheel-slip", 150, seed)
    assert faults_from(made, 20) == []
    (told,) = made["incidents"]
    assert (told["code"], told["state"]) == ("encoder_slips", "raised")
    assert told["percent"] == pytest.approx(5, abs=1.2)  # the camera's scale is not known any better


@pytest.mark.slow
def test_slip_that_begins_in_the_run_is_corrected_too():
    made = report("wheel-slip", 200, wheel_slips_from_mm=5_000.0)
    assert made["incidents"][0]["at_s"] > 5
    assert len(made["aim"]["named"]) <= 8
    assert faults_from(made, 120) == []


@pytest.mark.slow
def test_without_an_encoder_the_tracks_correct_a_belt_that_is_off_its_speed():
    made = report("off-speed", 150)
    assert faults_from(made, 20) == []
    (told,) = made["incidents"]
    assert (told["code"], round(told["speed_mm_s"], -1)) == ("belt_off_speed", 570)


@pytest.mark.slow
def test_a_moving_belt_gives_the_same_run_for_the_same_seed():
    first, second = (report("wheel-slip", 80) | {"wall_s": 0} for _ in range(2))
    assert first == second
