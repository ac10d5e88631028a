import json
from dataclasses import replace

import pytest

from edge.errors import UsageFault
from sim.fates import RecordLog
from sim.report import ConservationFault, Run, build, write
from sim.scoreboard import Score, SkinScore
from tests.edge.profiles import demo

KEYS = {
    *("scenario", "seed", "perception", "sim_s", "wall_s", "lanes", "fruit", "fruit_per_s_lane", "decided", "ghosts"),
    *("fates", "pulses", "confusion", "outlets", "latency_ms", "slack_ms", "faults", "bundle", "profile"),
}
FATES = ["held", "unseen", "collateral", "shed", "unsure", "late", "misdirected", "misgraded", "right"]


def run(fruit: int) -> Run:
    return Run("clean", 1, "truth", demo(), "truth", sim_s=12.0, wall_s=0.1, feed_s=10.0, fed=fruit, fruit=fruit)


def score(**skins: dict[str, tuple[int, int]]) -> Score:
    """Per true label, per skin: (fruit, right); those not right are misgraded."""
    made = Score()
    for label, of_label in skins.items():
        for skin, (fruit, right) in of_label.items():
            made.skins[label][skin] = SkinScore(fruit, right)
            made.fates["right"] += right
            made.fates["misgraded"] += fruit - right
            made.outlets["red"]["red"] += fruit
            made.confusion[label]["red"] += fruit
    return made


def test_a_report_has_every_key_of_the_interface_and_the_fates_in_their_order():
    report = build(run(10), score(red={"a": (10, 9)}), RecordLog())
    assert set(report) >= KEYS
    assert list(report["fates"]) == FATES
    assert report["fruit_per_s_lane"] == 0.5
    assert report["outlets"]["red"] == {"fruit": 10, "purity": 1.0}
    assert report["outlets"]["end"] == {"fruit": 0, "purity": None}
    json.dumps(report, allow_nan=False)


def test_fates_that_do_not_add_up_are_a_fault_of_the_simulator():
    with pytest.raises(ConservationFault, match="fates add up to 10, 11 fruit were fed"):
        build(run(11), score(red={"a": (10, 9)}), RecordLog())


def test_a_grade_without_a_fruit_is_called_unmeasured():
    grades = build(run(10), score(red={"a": (10, 9)}), RecordLog())["grades"]
    assert grades["green"] == "unmeasured"
    assert grades["red"] == {"fruit": 10, "right": 9, "share": 0.9, "physical": 1, "interval": None}


def test_an_interval_stands_on_five_physical_fruit_or_more():
    four = {f"s{n}": (10, 5) for n in range(4)}
    assert build(run(40), score(red=four), RecordLog())["grades"]["red"]["interval"] is None
    five = four | {"s4": (10, 10)}
    low, high = build(run(50), score(red=five), RecordLog())["grades"]["red"]["interval"]
    assert 0.5 <= low <= 0.6 <= high <= 0.9


def test_the_interval_goes_by_fruit_not_by_pass():
    """Ten passes of one fruit are one fruit: with all right or all wrong by fruit, the interval is wide."""
    skins = {f"s{n}": (100, 100 * (n % 2)) for n in range(6)}
    low, high = build(run(600), score(red=skins), RecordLog())["grades"]["red"]["interval"]
    assert high - low > 0.5


def test_where_all_are_right_or_none_is_the_interval_is_as_wide_as_so_few_fruit_allow():
    """Clopper and Pearson's for 20 of 20: 83.2 % to 100 %."""
    every, none = ({f"s{n}": (3, right) for n in range(20)} for right in (3, 0))
    assert build(run(60), score(red=every), RecordLog())["grades"]["red"]["interval"] == [0.8316, 1.0]
    assert build(run(60), score(red=none), RecordLog())["grades"]["red"]["interval"] == [0.0, 0.1684]


def test_the_feed_of_a_run_that_was_cut_short_counts_the_fruit_still_on_the_belt():
    cut = replace(run(10), fed=30)
    assert build(cut, score(red={"a": (10, 9)}), RecordLog())["fruit_per_s_lane"] == 1.5


def test_a_report_that_cannot_be_written_is_one_clear_line(tmp_path):
    with pytest.raises(UsageFault, match="cannot be written"):
        write({}, tmp_path / "no" / "r.json")
