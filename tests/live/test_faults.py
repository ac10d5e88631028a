"""Faults that only real processes can show, on the live desk. What they do in full is shown in virtual time."""

import pytest

from edge import clock
from edge.datapath import BELT_END
from sim.conveyor import Limit
from sim.faults import FaultSpan
from sim.setup import prepare
from tests.live.kills import live_desk

WITHIN_S = 60.0


def run(name: str, from_s: float, to_s: float, seconds: float):
    """A live run with one fault, to its end: its report, and how often the device was started again."""
    setup = prepare(
        "clean", seed=1, limit=Limit(None, seconds), faults=[FaultSpan(name=name, from_s=from_s, to_s=to_s)]
    )
    with live_desk(setup) as desk:
        deadline_ns = clock.now_ns() + round(WITHIN_S * 1e9)
        while not desk.ended:
            assert clock.now_ns() < deadline_ns, desk.device.said()
            clock.sleep_until(min(desk.step(clock.now_ns()), clock.now_ns() + 2_000_000))
        report, spells = desk.report(), desk.spells.spells
        restarts = desk.device.supervisor.restarts
    assert sum(report["fates"].values()) == report["fruit"]
    assert report["outlets"][BELT_END]["fruit"] < report["fruit"]
    return report, spells, restarts


@pytest.mark.parametrize("name", ["gil-hog", "cpu-hog"])
def test_a_hog_on_a_real_computer_sends_no_fruit_astray(name):
    report, _, _ = run(name, 2, 5, seconds=7)
    assert report["fates"]["collateral"] + report["fates"]["misdirected"] <= 2  # on a computer that tests besides
    assert report["fates"]["right"] > 0


def test_a_main_process_that_stops_is_killed_by_its_watchdog_and_its_successor_sorts():
    report, spells, restarts = run("main-hung", 2, 6, seconds=8)
    assert restarts >= 1
    assert spells[-1][1] is not None
    assert report["fates"]["held"] > 0
    assert report["fates"]["misdirected"] == report["fates"]["collateral"] == 0
