from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.config import load_profile
from edge.sort.planner import plan
from tests.edge.sort.fakes import MS, track

PROFILE = load_profile(Path(__file__).parents[3] / "firmware_config/profiles/demo.toml")
SORT = PROFILE.sort


def plan_among(*neighbours, fruit=None):
    return plan(fruit or track(at_mm=0), "red", neighbours, PROFILE)


def test_a_fruit_alone_gets_the_whole_window_around_its_middle_at_its_gate():
    pulse = plan(track("run.7", at_mm=100, lane=1), "turning", [], PROFILE)
    assert pulse is not None
    assert (pulse.track_id, pulse.gate) == ("run.7", "turning_1")
    assert (pulse.open_um, pulse.close_um) == (840_000 - 25_000, 840_000 + 25_000)


def test_the_leads_are_the_gates_own_delays():
    slow = PROFILE.gates["red_0"].model_copy(update={"open_delay_ms": 12.5, "close_delay_ms": 20.0})
    profile = PROFILE.model_copy(update={"gates": {**PROFILE.gates, "red_0": slow}})
    pulse = plan(track(), "red", [], profile)
    assert pulse is not None
    assert (pulse.open_lead_ns, pulse.close_lead_ns) == (12_500_000, 20 * MS)


def test_only_the_side_with_a_neighbour_shrinks():
    # The next fruit's body begins at 60 - 58 / 2 = 31 mm; 8 mm of clearance leave 23 mm behind the middle.
    pulse = plan_among(track("run.2", at_mm=60))
    assert pulse is not None
    assert (640_000 - pulse.open_um, pulse.close_um - 640_000) == (25_000, 23_000)


def test_the_fruit_ahead_shrinks_the_opening_side():
    pulse = plan_among(track("run.0", at_mm=-60))
    assert pulse is not None
    assert (640_000 - pulse.open_um, pulse.close_um - 640_000) == (23_000, 25_000)


def test_a_fruit_without_room_for_half_the_shortest_window_is_crowded():
    assert plan_among(track("run.2", at_mm=49.0)) is not None
    assert plan_among(track("run.2", at_mm=48.9)) is None


def test_a_fruit_beside_another_in_its_lane_is_crowded():
    assert plan_among(track("run.2", at_mm=0)) is None


def test_a_fruit_is_no_neighbour_of_itself_nor_of_another_lane():
    assert plan_among(track("run.1", at_mm=0), track("run.2", at_mm=10, lane=1)) == plan_among()


def test_an_outlet_without_a_gate_in_the_lane_gets_no_pulse():
    assert plan(track(), "end", [], PROFILE) is None


spots = st.lists(st.tuples(st.integers(-300, 300), st.floats(20, 120)), max_size=6)


@given(spots)
def test_no_window_reaches_a_neighbours_clearance_and_none_is_shorter_than_the_shortest(others):
    neighbours = [track(f"run.{n + 2}", at_mm=at_mm, length_mm=length) for n, (at_mm, length) in enumerate(others)]
    pulse = plan_among(*neighbours)
    if pulse is None:
        return
    begin_mm, end_mm = pulse.open_um / 1000 - 640, pulse.close_um / 1000 - 640
    assert begin_mm <= -SORT.shortest_window_mm / 2
    assert end_mm >= SORT.shortest_window_mm / 2
    assert end_mm - begin_mm <= SORT.window_mm
    for at_mm, length_mm in others:
        reach_mm = length_mm / 2 + SORT.clearance_mm
        assert end_mm <= at_mm - reach_mm + 0.001 or begin_mm >= at_mm + reach_mm - 0.001


@given(spots)
def test_only_a_neighbour_too_near_makes_a_fruit_crowded(others):
    neighbours = [track(f"run.{n + 2}", at_mm=at_mm, length_mm=length) for n, (at_mm, length) in enumerate(others)]
    least_mm = SORT.shortest_window_mm / 2 + SORT.clearance_mm
    crowded = any(abs(at_mm) - length_mm / 2 < least_mm - 0.001 for at_mm, length_mm in others)
    free = all(abs(at_mm) - length_mm / 2 > least_mm + 0.001 for at_mm, length_mm in others)
    if crowded or free:
        assert (plan_among(*neighbours) is None) == crowded
