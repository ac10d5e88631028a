import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sim.motion import Belt, Step
from sim.pace import REACTS_NS
from tests.sim.worlds import START_NS

S = 1_000_000_000
STOPPING = (Step(600, 2, 500), Step(0, 10, 500), Step(300, 1, 100))

steps = st.builds(Step, st.one_of(st.just(0.0), st.floats(50, 1_000)), st.floats(0, 20), st.floats(50, 1_000))
programs = st.lists(steps, min_size=2, max_size=6).map(lambda found: (Step(400.0, 1.0, 500.0), *found))


def test_a_program_ramps_holds_stands_and_goes_round():
    belt = Belt(1, START_NS, STOPPING)
    at = [belt.travel_mm(START_NS + round(s * S)) for s in (-1, 0, 2, 3.2, 13.2, 16.2, 17.2, 17.8, 18.8)]
    # 2 s at 600, 1.2 s down to 0, 10 s of standing, 3 s up to 300, 1 s of it, 0.6 s up to 600
    assert at == pytest.approx([-600, 0, 1_200, 1_560, 1_560, 2_010, 2_310, 2_580, 3_180])
    assert belt.standing == [(360.0, 10.0)]


def test_a_place_at_which_the_belt_stands_is_reached_when_it_comes_to_stand():
    belt = Belt(1, START_NS, STOPPING)
    assert belt.at_ns(1_560 - 1e-9) == pytest.approx(START_NS + 3.2 * S, abs=0.001 * S)
    assert belt.at_ns(1_560 + 1e-6) >= START_NS + 13.2 * S


def test_stops_are_found_near_a_place_in_every_round():
    belt = Belt(1, START_NS, STOPPING)
    round_mm = belt._round_mm
    for n in range(3):
        assert belt.stops_near(1_560 + n * round_mm + 20, 30)
        assert not belt.stops_near(1_560 + n * round_mm + 40, 30)
    assert not belt.stops_near(360, 30)  # in the first steps, which are before the first round
    assert not Belt(600, START_NS).stops_near(0, 1_000)


def test_a_single_step_is_a_speed():
    assert Belt(600, START_NS, (Step(100, 1, 500),)).travel_mm(START_NS + 7 * S) == pytest.approx(700)


@given(programs, st.floats(0, 200))
def test_travel_never_goes_back_and_an_instant_and_its_travel_agree(program, after_s):
    belt = Belt(1, START_NS, program)
    at_ns = START_NS + round(after_s * S)
    travel_mm = belt.travel_mm(at_ns)
    assert belt.travel_mm(at_ns + 10_000_000) >= travel_mm - 1e-6
    assert abs(belt.travel_mm(belt.at_ns(travel_mm)) - travel_mm) < 0.01
    assert belt.at_ns(travel_mm) <= at_ns + 10_000


asks = st.lists(st.tuples(st.floats(0, 60), st.sampled_from([0.25, 0.5, 1.0])), max_size=6)


@given(programs, asks, st.floats(0, 100))
@example((Step(400.0, 1.0, 500.0),), [(0.0, 0.25), (0.0, 1.0)], 2.0)
@example((Step(400.0, 1.0, 500.0),), [(0.0, 0.25), (0.5, 0.75)], 2.0)
def test_a_belt_asked_to_run_slowly_never_goes_back_and_what_was_so_by_then_stays_so(program, asked, after_s):
    belt = Belt(1, START_NS, program)
    for at_s, share in sorted(asked):
        at_ns = START_NS + round(at_s * S)
        known = [at_ns - round(n * S) for n in range(4)] + [at_ns + REACTS_NS]
        before = [belt.travel_mm(known_ns) for known_ns in known]
        belt.ask(share, at_ns)
        assert [belt.travel_mm(known_ns) for known_ns in known] == pytest.approx(before, abs=1e-6)
    at_ns = START_NS + round(after_s * S)
    travel_mm = belt.travel_mm(at_ns)
    assert belt.travel_mm(at_ns + 10_000_000) >= travel_mm - 1e-6
    assert abs(belt.travel_mm(belt.at_ns(travel_mm)) - travel_mm) < 0.01


def test_a_belt_asked_to_run_slowly_ramps_to_its_share_and_back():
    belt = Belt(600, START_NS)
    belt.ask(0.5, START_NS + S)
    assert belt.travel_mm(START_NS + 2 * S) - belt.travel_mm(START_NS + round(1.9 * S)) == pytest.approx(30)
    assert belt.travel_mm(START_NS + 2 * S) == pytest.approx(600 * (1.25 + 0.375 + 0.125))
    belt.ask(1.0, START_NS + 4 * S)
    assert belt.travel_mm(START_NS + 8 * S) - belt.travel_mm(START_NS + 7 * S) == pytest.approx(600)
