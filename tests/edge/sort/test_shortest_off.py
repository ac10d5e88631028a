"""A gate that needs some time between two openings: what the scheduler makes of it, and what the planner leaves be."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.config import load_profile
from edge.sort.planner import Reach, plan
from edge.sort.risk import Neighbour
from edge.sort.wire import GateLine
from tests.edge.sort.fakes import MS, Rig, pulse, track

PROFILE = load_profile(Path(__file__).parents[3] / "firmware_config/profiles/demo.toml")
OFF_MS = 40


def rig_at_rest(longest_ms=500):
    """A rig whose gate needs 40 ms between two openings."""
    return Rig(gates=(GateLine("red_0", 17, True, longest_ms * MS, OFF_MS * MS),))


def test_pulses_nearer_than_the_shortest_off_time_are_one():
    rig = rig_at_rest()
    rig.submit(pulse("run.1", open_mm=600, close_mm=630), pulse("run.2", open_mm=650, close_mm=690))
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 1_135 * MS)]
    assert rig.said.results == {"run.1": "fired", "run.2": "fired"}


def test_pulses_further_apart_than_the_shortest_off_time_stay_two():
    rig = rig_at_rest()
    rig.submit(pulse("run.1", open_mm=600, close_mm=630), pulse("run.2", open_mm=654, close_mm=690))
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 1_035 * MS), (1_075 * MS, 1_135 * MS)]


def test_pulses_that_would_be_one_beyond_the_longest_on_time_are_kept_apart_and_the_second_waits():
    rig = rig_at_rest(longest_ms=100)
    rig.submit(pulse("run.1", open_mm=600, close_mm=630), pulse("run.2", open_mm=652, close_mm=690))
    rig.run()
    (first, second) = rig.pins.spans("red_0")
    assert first == (985 * MS, 1_035 * MS)
    assert second[0] == 1_035 * MS + OFF_MS * MS
    assert [o.late_ns > 0 for o in rig.said.outcomes] == [False, True]


def test_a_pulse_that_its_gates_rest_makes_too_late_is_refused_as_late():
    rig = rig_at_rest(longest_ms=100)
    rig.submit(pulse("run.1", open_mm=600, close_mm=630), pulse("run.2", open_mm=640, close_mm=690))
    rig.run()
    assert rig.said.results == {"run.1": "fired", "run.2": "late"}


def test_a_gate_that_was_released_rests_too():
    rig = rig_at_rest()
    rig.submit(pulse("run.1", open_mm=600, close_mm=650))
    rig.step(985 * MS)
    rig.pins.now_ns = 990 * MS
    rig.pins.release_all()
    rig.scheduler.forget(990 * MS)
    rig.submit(pulse("run.2", open_mm=606, close_mm=690), at_ns=991 * MS)
    rig.run()
    assert rig.pins.spans("red_0") == [(985 * MS, 990 * MS)]
    assert rig.said.results == {"run.1": "fired", "run.2": "late"}


def resting(off_ms):
    gate = PROFILE.gates["red_0"].model_copy(update={"shortest_off_ms": off_ms})
    return PROFILE.model_copy(update={"gates": {**PROFILE.gates, "red_0": gate}})


def among(profile, before_mm, between_mm):
    """A red fruit behind a green one and another red one that was sent on before."""
    ahead = Neighbour(track("run.2", at_mm=-before_mm), "red")
    between = Neighbour(track("run.3", at_mm=-between_mm), "green")
    return plan(track(), "red", [ahead, between], profile)


def test_a_gate_that_cannot_shut_for_the_fruit_between_two_of_its_own_takes_the_first_alone():
    assert among(resting(0), 130, 65) is not None
    assert among(resting(200), 130, 65) is None


def test_a_window_is_cut_short_so_that_its_gate_can_shut_for_the_fruit_between():
    pulse = among(resting(150), 135, 65)
    assert pulse is not None
    # The window of the fruit ahead ends at -135 + 25 mm, and the gate's rest is 90 mm of the belt.
    assert pulse.open_um == 640_000 - 20_000


def test_two_fruit_of_a_resting_gate_with_none_between_share_it():
    ahead = Neighbour(track("run.2", at_mm=-65), "red")
    pulse = plan(track(), "red", [ahead], resting(200))
    assert pulse is not None
    assert pulse.close_um - pulse.open_um == 50_000


@given(st.integers(60, 400), st.integers(0, 400), st.integers(0, 500))
def test_a_fruit_that_must_pass_between_two_of_a_gates_own_always_meets_it_shut_for_long_enough(before, between, off):
    pulse = among(resting(off), before, min(before, between))
    if pulse is not None and between < before:
        assert pulse.open_um - (640_000 - before * 1000 + 25_000) >= off * 600


def test_a_fruit_that_matters_for_a_gates_rest_is_near():
    profile = resting(200)
    other = track("run.2", at_mm=-160)
    apart_um = other.belt_um - track().belt_um
    assert Reach(other.lane, profile).holds(apart_um, other.length_mm)
    assert not Reach(other.lane, PROFILE).holds(apart_um, other.length_mm)
