from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from edge.config import load_profile
from edge.datapath import LABELS
from edge.sort.planner import Reach, plan
from edge.sort.risk import Neighbour, chance_of_reach, passes
from tests.edge.sort.fakes import MS, track

PROFILE = load_profile(Path(__file__).parents[3] / "firmware_config/profiles/demo.toml")
SORT = PROFILE.sort


def plan_among(*neighbours, fruit=None):
    """Among fruit of which nothing is known but their places."""
    return plan(fruit or track(at_mm=0), "red", [Neighbour(near) for near in neighbours], PROFILE)


def sure(label):
    return tuple(float(label == name) for name in LABELS)


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


def test_a_neighbour_bound_for_the_same_outlet_needs_no_clearance():
    assert plan(track(), "red", [Neighbour(track("run.2", at_mm=40), "red")], PROFILE) == plan_among()


def test_a_neighbour_that_falls_upstream_needs_no_clearance_and_one_that_goes_on_does():
    turning = track("run.2", at_mm=44)
    assert plan(track(), "turning", [Neighbour(turning, "red")], PROFILE) is not None
    assert plan(track(), "turning", [Neighbour(turning, "green")], PROFILE) is None
    assert plan(track(), "turning", [Neighbour(turning, "end")], PROFILE) is None


def test_an_undecided_neighbour_counts_as_bound_for_where_its_looks_send_it():
    near = track("run.2", at_mm=40)
    assert plan(track(), "red", [Neighbour(near, None, sure("red"))], PROFILE) == plan_among()
    assert plan(track(), "red", [Neighbour(near, None, sure("green"))], PROFILE) is None
    assert plan(track(), "red", [Neighbour(near, None, (0.05, 0.0, 0.95, 0.0))], PROFILE) is None


def test_an_undecided_neighbour_without_room_for_a_pulse_of_its_own_upstream_has_to_pass_here_too():
    near, off = track("run.2", at_mm=30), track("run.2", at_mm=60)
    assert plan(track(), "green", [Neighbour(near, None, sure("red"))], PROFILE) is None
    assert plan(track(), "green", [Neighbour(off, None, sure("red"))], PROFILE) is not None
    assert plan(track(), "green", [Neighbour(near, "red", sure("red"))], PROFILE) is not None
    assert plan(track(), "green", [Neighbour(near, None, sure("green"))], PROFILE) is not None


def with_sort(**keys):
    return PROFILE.model_copy(update={"sort": SORT.model_copy(update=keys)})


# A body that begins 48.5 - 29 = 19.5 mm off leaves 7.5 mm beside the shortest window: half a millimetre too little.
CLOSE = Neighbour(track("run.2", at_mm=48.5), "damaged", sure("damaged"))


def test_where_the_clearance_is_missing_the_cheaper_error_is_chosen():
    pulse = plan(track(), "red", [CLOSE], PROFILE, sure("red"))
    assert pulse is not None
    assert pulse.close_um - 640_000 == SORT.shortest_window_mm * 500
    dear = {**PROFILE.money.worth, "damaged": {"red": -1e6}}
    costly = PROFILE.model_copy(update={"money": PROFILE.money.model_copy(update={"worth": dear})})
    assert plan(track(), "red", [CLOSE], costly, sure("red")) is None


def test_a_fruit_of_no_worth_risks_no_neighbour():
    assert plan(track(), "red", [CLOSE], PROFILE, sure("damaged")) is None


def test_without_money_or_with_no_risk_allowed_the_clearance_is_kept():
    mute = PROFILE.model_copy(update={"money": PROFILE.money.model_copy(update={"worth": {}})})
    assert plan(track(), "red", [CLOSE], mute, sure("red")) is None
    assert plan(track(), "red", [CLOSE], with_sort(most_risk=0.0), sure("red")) is None


def test_above_the_most_risk_a_fruit_is_crowded_whatever_it_is_worth():
    closer = Neighbour(track("run.2", at_mm=42), "damaged", sure("damaged"))
    assert plan(track(), "red", [closer], PROFILE, sure("red")) is None
    assert plan(track(), "red", [closer], with_sort(most_risk=1.0), sure("red")) is not None


@given(
    spots,
    st.sampled_from(["green", "turning", "red", "damaged"]),
    st.tuples(*[st.floats(0.01, 1)] * 4),
    st.floats(0, 0.2),
)
def test_no_pulse_takes_more_than_the_most_risk_and_none_is_shorter_than_the_shortest(others, label, raw, most_risk):
    profile = with_sort(most_risk=most_risk)
    scores = tuple(share / sum(raw) for share in raw)
    neighbours = [
        Neighbour(track(f"run.{n + 2}", at_mm=at_mm, length_mm=length), None, scores)
        for n, (at_mm, length) in enumerate(others)
    ]
    pulse = plan(track(), label, neighbours, profile, sure(label))
    if pulse is None:
        return
    gate = profile.gates[pulse.gate]
    begin_mm, end_mm = pulse.open_um / 1000 - gate.x_mm, pulse.close_um / 1000 - gate.x_mm
    assert begin_mm <= -SORT.shortest_window_mm / 2
    assert end_mm >= SORT.shortest_window_mm / 2
    for near in neighbours:
        share = passes(near, pulse.gate, profile)
        at_mm, half_mm = near.track.belt_um / 1000, near.track.length_mm / 2
        room_mm = (at_mm - half_mm - end_mm) if at_mm > 0 else (begin_mm - at_mm - half_mm)
        kept = room_mm >= SORT.clearance_mm - 0.001
        assert kept or share <= most_risk or share * chance_of_reach(room_mm, pulse.gate, profile) <= most_risk + 1e-9


@given(st.integers(-300, 300), st.floats(20, 120))
def test_what_is_not_near_changes_no_pulse(at_mm, length_mm):
    other = track("run.2", at_mm=at_mm, length_mm=length_mm)
    if not Reach(other.lane, PROFILE).holds(other.belt_um - track().belt_um, other.length_mm):
        assert plan_among(other) == plan_among()
