"""Fruit that do not keep to the belt, or to themselves: each is sorted, or runs to the end with its neighbours."""

from pathlib import Path

import pytest

from sim.faults import parse
from tests.scenarios.staged import Staged, cleared, message, raised

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", ["fruit-touching", "fruit-double", "fruit-rolling"])
@pytest.mark.parametrize("seed", [1, 2])
def test_fruit_that_touch_double_or_roll_cost_no_outlet_its_purity(name: str, seed: int):
    staged = Staged(name, 30, seed)
    assert staged.incidents == []
    assert staged.report["aim"]["faults"] <= 1
    assert set(staged.fates(0, 10)) == set(staged.fates(24, 40)) == {"right"}
    assert set(staged.fates(10, 24)) <= {"right", "unsure", "unseen", "collateral"}


def test_fruit_that_lie_on_one_another_run_to_the_belts_end_unless_they_go_to_one_outlet():
    staged = Staged("fruit-double", 30)
    assert staged.fates(11, 20)["unsure"] > 20


def test_fruit_that_roll_are_lost_and_run_to_the_belts_end_with_those_that_they_may_meet():
    staged = Staged("fruit-rolling", 30)
    reasons = [told.verdict.reason for _, told, _ in staged.falls if told and told.verdict]
    assert reasons.count("lost") + staged.fates(10, 24).get("unseen", 0) > 20
    assert staged.fates(10, 24)["right"] > 50


def test_a_fruit_that_stands_is_told_of_and_the_others_pass_it():
    staged = Staged("fruit-stuck", 30)
    (at_s,), (over_s,) = raised(staged, "fruit_stuck"), cleared(staged, "fruit_stuck")
    assert 10 < at_s < 11
    assert 15 < over_s < 16
    assert staged.safe == []
    assert staged.report["aim"]["faults"] == 0
    assert staged.report["fates"]["right"] >= staged.report["fruit"] - 5
    assert staged.report["ghosts"] < 10
    assert "stands still on the moving belt in lane 0" in message("fruit_stuck", lanes="0")


def test_a_jammed_lane_stops_the_line_until_somebody_has_looked():
    staged = Staged("lane-jam", 40, faults=[parse("e-stop@22-23")])
    (at_s,), (over_s,) = raised(staged, "lane_jam"), cleared(staged, "lane_jam")
    assert 10 < at_s < 13
    assert over_s == pytest.approx(23, abs=0.1)
    assert staged.safe[0] == (pytest.approx(at_s, abs=0.1), pytest.approx(23, abs=0.1))
    assert set(staged.fates(0, 10)) == set(staged.fates(27, 50)) == {"right"}
    assert set(staged.fates(at_s + 0.5, 22)) == {"held"}
    assert "lane 0 is jammed" in message("lane_jam", lanes="0")


def test_a_run_ends_though_nobody_looks_and_the_feed_is_held_back_for_good(tmp_path: Path):
    scenario = tmp_path / "nobody.toml"
    scenario.write_text('extends = "lane-jam"\nabout = "nobody looks"\n[machine.feed]\ninhibit_pin = 27\n')
    staged = Staged(str(scenario), 40)
    assert staged.safe[-1][1] is None
    assert staged.report["fruit"] < 300
    assert 60 < staged.report["sim_s"] < 100
