import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.datapath import LABELS
from edge.sort.risk import Neighbour, chance_of_reach, gain, loss, passes, worth
from tests.edge.profiles import demo
from tests.edge.sort.fakes import track

PROFILE = demo()


def sure(label):
    return tuple(float(label == name) for name in LABELS)


def test_a_neighbour_of_which_nothing_is_known_has_to_pass():
    assert passes(Neighbour(track()), "red_0", PROFILE) == 1.0


def test_an_undecided_neighbour_passes_with_the_share_of_its_grades_that_go_further():
    near = Neighbour(track(), None, (0.2, 0.3, 0.4, 0.1))
    assert passes(near, "red_0", PROFILE) == pytest.approx(0.6)
    assert passes(near, "turning_0", PROFILE) == pytest.approx(0.3)
    assert passes(near, "damaged_0", PROFILE) == 0.0


def test_a_gate_that_stops_at_a_body_reaches_it_every_second_time():
    assert chance_of_reach(0.0, "red_0", PROFILE) == 0.5


def test_delay_spread_and_aim_spread_add_up_as_variances():
    gate = PROFILE.gates["red_0"].model_copy(update={"delay_sd_ms": 5.0})  # 3 mm at 600 mm/s
    profile = demo(sort={"aim_sd_mm": 4.0}).model_copy(update={"gates": {**PROFILE.gates, "red_0": gate}})
    assert chance_of_reach(5.0, "red_0", profile) == pytest.approx(0.1587, abs=1e-4)  # one standard deviation
    assert chance_of_reach(-5.0, "red_0", profile) == pytest.approx(0.8413, abs=1e-4)


def test_without_any_spread_a_gate_keeps_its_word():
    gate = PROFILE.gates["red_0"].model_copy(update={"delay_sd_ms": 0.0})
    profile = demo(sort={"aim_sd_mm": 0.0}).model_copy(update={"gates": {**PROFILE.gates, "red_0": gate}})
    assert chance_of_reach(0.001, "red_0", profile) == 0.0
    assert chance_of_reach(-0.001, "red_0", profile) == 1.0


@given(st.floats(-50, 50), st.floats(0, 20))
def test_more_room_is_never_more_dangerous(room_mm, more_mm):
    assert chance_of_reach(room_mm + more_mm, "red_0", PROFILE) <= chance_of_reach(room_mm, "red_0", PROFILE)


def test_a_red_fruit_in_red_is_worth_what_the_profile_says_and_gains_over_the_belts_end():
    table = PROFILE.money.worth["red"]
    assert worth(sure("red"), "red", PROFILE) == table["red"]
    assert gain(sure("red"), "red", PROFILE) == pytest.approx(table["red"] - table["end"])


def test_a_neighbour_taken_along_is_never_a_gain():
    assert loss(Neighbour(track(), "end", sure("red")), "red", PROFILE) == 0.0
    assert loss(Neighbour(track(), None, sure("damaged")), "red", PROFILE) == pytest.approx(0.81)


def test_a_neighbour_of_which_nothing_is_known_loses_what_an_even_mix_would():
    one_each = [loss(Neighbour(track(), None, sure(label)), "red", PROFILE) for label in LABELS]
    assert loss(Neighbour(track()), "red", PROFILE) == pytest.approx(sum(one_each) / len(LABELS))


def test_worth_adds_up_alike_on_every_python():
    table = {label: {"red": 1.0} for label in LABELS}
    profile = PROFILE.model_copy(update={"money": PROFILE.money.model_copy(update={"worth": table})})
    assert worth((0.1, 0.2, 0.3, 0.0), "red", profile) == 0.6  # one at a time: 0.6000000000000001
