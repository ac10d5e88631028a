"""The encoder at fault: found in the picture, told of, corrected or stopped, and over once it is well again."""

import pytest

from sim.faults import parse
from tests.scenarios.staged import Staged, cleared, message, raised

pytestmark = pytest.mark.slow


def test_a_healthy_encoder_has_nothing_to_tell():
    staged = Staged("encoder", 30)
    assert staged.incidents == []
    assert set(staged.fates(0, 40)) == {"right"}


def test_slip_that_begins_and_ends_in_the_run_is_corrected_both_times():
    staged = Staged("encoder-slip", 45)
    (at_s,), (over_s,) = raised(staged, "encoder_slips"), cleared(staged, "encoder_slips")
    assert 10 < at_s < 12
    assert 30 < over_s < 32
    assert staged.safe == []
    assert staged.report["aim"]["faults"] <= 8  # those between camera and gates when it began, and when it ended
    assert set(staged.fates(14, 30)) == set(staged.fates(34, 50)) == {"right"}


def test_an_encoder_that_is_lost_stops_the_line_until_it_counts_again():
    staged = Staged("encoder-loss", 30)
    (at_s,), (over_s,) = raised(staged, "encoder_lost"), cleared(staged, "encoder_lost")
    assert 10 < at_s < 10.5
    assert 12 < over_s < 12.5
    assert staged.safe == [(pytest.approx(at_s, abs=0.05), pytest.approx(over_s, abs=0.05))]
    assert set(staged.fates(0, 10)) == set(staged.fates(15, 40)) == {"right"}
    # Fruit that were not followed when it was found run to the belt's end, all of them.
    assert set(staged.fates(at_s, 15)) <= {"right", "held", "unseen", "unsure", "collateral"}
    assert staged.fates(10, 15).get("collateral", 0) <= 4
    assert staged.report["ghosts"] < 200
    assert "does not count while the fruit move" in message("encoder_lost")


def test_edges_that_bounce_are_refused_and_told_of_and_cost_nothing():
    staged = Staged("encoder-bounce", 30)
    (at_s,), (over_s,) = raised(staged, "encoder_bounces"), cleared(staged, "encoder_bounces")
    assert 10 < at_s < 12.5
    assert 20 < over_s < 25
    assert set(staged.fates(0, 40)) == {"right"}
    assert staged.safe == []


def test_a_machine_that_starts_again_counts_its_travel_anew_and_goes_on_sorting():
    staged = Staged("encoder", 24, faults=[parse("gates-killed@10-11")])
    assert staged.report["ghosts"] == 0
    assert set(staged.fates(10, 14)) <= {"right", "held", "unseen", "unsure"}
    assert set(staged.fates(14, 40)) == {"right"}
