from dataclasses import replace
from xml.etree import ElementTree

import pytest

from sim.capacity import Trial, bench, headroom, some_lanes, trial
from sim.conveyor import Limit
from sim.curve import svg
from sim.scenario import load_scenario
from sim.service import ServiceTimes
from sim.setup import prepare
from tests.sim.worlds import scenario, setup, skins


def some(lanes=1, fruit=60, service=None):
    made = setup(scenario("dense"), fruit=fruit, fed=skins())
    return replace(made, profile=some_lanes(made.profile, lanes), service=service)


def test_a_rate_is_what_is_fed():
    found = trial(some(lanes=2), 8.0)
    assert found.fed_per_s_lane == pytest.approx(8.0, rel=0.15)
    assert (found.fruit, found.pulses, found.faults, found.holds) == (60, 60, 0, True)


def test_fruit_packed_as_close_as_they_go_are_limited_by_the_gap():
    made = some(fruit=100)
    feed = made.scenario.feed.model_copy(update={"gap_mm": 0.0})
    found = trial(replace(made, scenario=made.scenario.model_copy(update={"feed": feed})), 32.0)
    assert not found.holds
    assert found.limited_by == "gap"


def test_a_machine_too_slow_for_its_looks_is_limited_by_inference():
    found = trial(some(lanes=4, fruit=200, service=ServiceTimes("snail", 5.0, 40.0, (0.0, 1.0), (1.0, 1.0))), 15.0)
    assert not found.holds
    assert found.limited_by == "inference"


@pytest.mark.parametrize(
    ("pulses", "faults", "lost", "holds", "by"),
    [
        (900, 0, {"inference": 60, "gap": 40}, True, "inference"),
        (899, 0, {"inference": 40, "gap": 61}, False, "gap"),
        (1000, 1, {"inference": 0, "gap": 0}, True, "inference"),
        (1000, 2, {"inference": 0, "gap": 0}, False, "gate"),
    ],
)
def test_what_holds_and_what_limits(pulses, faults, lost, holds, by):
    found = Trial(10.0, 1000, pulses, faults, lost)
    assert (found.holds, found.limited_by) == (holds, by)


def test_the_most_work_that_a_machine_can_do_is_told_in_times_of_its_own():
    snail = ServiceTimes("snail", 4.0, 1.0, (0.0, 1.0), (1.0, 1.0))
    most = headroom(some(lanes=4, fruit=100, service=snail))
    twice = headroom(some(lanes=4, fruit=100, service=replace(snail, frame_ms=8.0, look_ms=2.0)))
    assert 2 < most < 32
    assert twice == pytest.approx(most / 2, rel=0.15)
    assert headroom(some(lanes=4, fruit=100, service=replace(snail, look_ms=400.0))) == 0


@pytest.mark.slow
def test_the_scenario_overload_is_one_and_a_half_and_three_times_what_a_pi_4_can_do():
    dense = prepare("dense", seed=1, limit=Limit(fruit=800), perception="scores", service_time="pi4")
    most = headroom(dense)
    assert [rush.slow / most for rush in load_scenario("overload").rush] == pytest.approx([1.5, 3.0], rel=0.1)


@pytest.mark.slow
def test_the_bench_finds_a_rate_for_each_row():
    found = bench(fruit=60, lanes=(1, 2), service_times=("none", "pi4"))
    rows = found["rows"]
    assert len(found["curve"]) > 2 * len(rows)
    assert [(row["lanes"], row["service_time"]) for row in rows] == [(1, "none"), (1, "pi4"), (2, "none"), (2, "pi4")]
    assert all(10 < row["fruit_per_s_lane"] < 29 for row in rows)
    assert {row["limited_by"] for row in rows} <= {"camera", "inference", "gate", "gap"}


def test_the_curve_is_a_picture_with_a_line_a_case():
    points = [
        {"lanes": lanes, "service_time": name, "fruit_per_s_lane": rate, "with_pulse": share, "faults": 1}
        for lanes in (1, 4)
        for name in ("none", "pi4")
        for rate, share in ((1.0, 1.0), (20.0, 0.95), (28.0, 0.3))
    ]
    root = ElementTree.fromstring(svg({"curve": points, "fruit": 100}))
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert len(lines) == 4
    said = [text.text for text in root.findall("{http://www.w3.org/2000/svg}text")]
    assert "lanes 4, pi4: 3 aim faults in 300 fruit" in said
    assert all(len(line.attrib["points"].split()) == 3 for line in lines)
