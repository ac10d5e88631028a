"""Gates at fault, on a machine with exit sensors: found, named, and routed around or stopped; and nothing on others."""

import pytest

from sim.faults import parse
from tests.scenarios.staged import Staged, cleared, message, raised

pytestmark = pytest.mark.slow

FROM_S, TO_S = 20.0, 50.0


def test_a_gate_stuck_open_stops_the_line_until_somebody_has_looked():
    staged = Staged("gate-stuck-open", 60, faults=[parse("e-stop@45-46")])
    (at_s,) = raised(staged, "gate_stuck_open")
    assert FROM_S < at_s < FROM_S + 4
    assert (at_s, 46) == pytest.approx(staged.safe[0], abs=0.1)
    assert set(staged.fates(0, FROM_S)) == {"right"}
    assert set(staged.fates(FROM_S, 40)) == {"right", "collateral", "held"}
    assert set(staged.fates(42, 45)) == {"held"}
    (over_s,) = cleared(staged, "gate_stuck_open")
    assert over_s == pytest.approx(46, abs=0.1)
    assert set(staged.fates(49, 60)) == {"right"}
    assert "gate red_0 stands open" in message("gate_stuck_open", gates="red_0")


def test_a_gate_that_is_still_stuck_when_somebody_has_looked_stops_the_line_again():
    staged = Staged("gate-stuck-open", 45, faults=[parse("e-stop@28-29")])
    first_s, again_s = raised(staged, "gate_stuck_open")
    assert first_s < 28
    assert 29 < again_s < 34
    assert staged.safe[-1][1] is None


def test_a_gate_that_does_not_open_is_left_alone_and_tried_again_until_it_does():
    staged = Staged("gate-stuck-closed", 90)
    at_s = raised(staged, "gate_stuck_closed")[0]
    assert FROM_S < at_s < FROM_S + 10
    assert staged.safe == []
    assert set(staged.fates(0, FROM_S)) == {"right"}
    # While it is out of use its fruit are not even sent; the tries in between cost a few.
    spent = staged.fates(FROM_S, TO_S + 15)
    assert spent["shed"] > spent["misdirected"] > 0
    assert spent.get("collateral", 0) == 0
    assert TO_S < cleared(staged, "gate_stuck_closed")[-1] < 90
    assert set(staged.fates(TO_S + 15, 90)) == {"right"}
    assert "gate red_0 does not open" in message("gate_stuck_closed", gates="red_0")


def test_a_gate_that_moves_late_is_named_slow_and_left_alone():
    staged = Staged("gate-slow", 90)
    assert FROM_S < raised(staged, "gate_slow")[0] < FROM_S + 20
    assert {code for code, _, _ in staged.incidents} == {"gate_slow"}
    assert staged.safe == []
    assert TO_S < cleared(staged, "gate_slow")[-1] < 90
    assert set(staged.fates(TO_S + 15, 90)) == {"right"}


def test_a_gate_that_bounces_is_told_of_and_sorted_with():
    staged = Staged("gate-bouncing", 90)
    assert FROM_S < raised(staged, "gate_bouncing")[0] < FROM_S + 10
    assert {code for code, _, _ in staged.incidents} == {"gate_bouncing"}
    assert staged.safe == []
    assert TO_S < cleared(staged, "gate_bouncing")[-1] < 90
    assert set(staged.fates(TO_S + 15, 90)) == {"right"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_queue_that_has_slipped_by_a_fruit_is_named_and_stopped(seed: int):
    staged = Staged("queue-slipped", 60, seed)
    assert {code for code, _, _ in staged.incidents} == {"queue_slipped"}
    at_s = raised(staged, "queue_slipped")[0]
    assert at_s < 45
    assert staged.safe[0] == (pytest.approx(at_s, abs=0.1), None)
    wrong = staged.fates(5, at_s)
    assert wrong["collateral"] + wrong.get("misdirected", 0) > wrong.get("right", 0)
    assert set(staged.fates(at_s + 2, 60)) == {"held"}


@pytest.mark.parametrize("seed", [1, 2])
def test_a_healthy_machine_with_exit_sensors_has_nothing_to_tell(seed: int):
    staged = Staged("confirmed", 120, seed)
    assert staged.incidents == []
    assert set(staged.report["fates"]) - {fate for fate, n in staged.report["fates"].items() if not n} == {"right"}


def test_without_exit_sensors_a_gate_at_fault_is_not_noticed():
    staged = Staged("clean", 40, faults=[parse("gate-stuck-closed@20-30")])
    assert staged.incidents == []
    assert staged.fates(FROM_S, 32)["misdirected"] > 5
