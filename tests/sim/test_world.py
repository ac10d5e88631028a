from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.world import World
from tests.edge.profiles import demo
from tests.sim.worlds import EXACT, START_NS, scenario, setup, world

NS = 1_000_000_000
PROFILE = demo()
PINS = {name: gate.pin for name, gate in PROFILE.gates.items()}


def run_empty(w: World) -> None:
    now_ns = START_NS
    while not w.empty:
        now_ns += NS // 10
        w.advance(now_ns)


def test_with_every_gate_shut_all_fruit_run_to_the_belts_end():
    w = world(scenario())
    run_empty(w)
    assert Counter(fall.outlet for fall in w.falls) == {"end": 40}


def test_a_gate_held_open_takes_every_fruit_of_its_lane_and_none_of_the_other():
    w = world(scenario())
    w.edge(PINS["turning_1"], 1, START_NS)
    run_empty(w)
    assert {(fall.item.lane, fall.outlet) for fall in w.falls} == {(0, "end"), (1, "turning")}


def test_dropped_lines_release_every_gate():
    w = world(scenario())
    for pin in PINS.values():
        w.edge(pin, 1, START_NS)
    w.drop_lines(START_NS + 1)
    run_empty(w)
    assert {fall.outlet for fall in w.falls} == {"end"}


@pytest.mark.parametrize(("when_dead", "fed"), [("inhibit", 0), ("free", 1)])
def test_without_a_hand_the_line_to_the_feeder_asks_for_what_its_pull_does(when_dead, fed):
    profile = demo(feed={"inhibit_pin": 16, "when_dead": when_dead})
    w = setup(scenario("clean"), seed=1, fruit=40, profile=profile).world(START_NS)
    w.advance(START_NS + NS)
    w.drop_lines(START_NS + NS)
    before = w.feed.fed
    w.advance(START_NS + 3 * NS)
    assert min(1, w.feed.fed - before) == fed
    w.edge(16, 0, START_NS + 3 * NS)
    w.advance(START_NS + 30 * NS)
    assert w.feed.fed == 40


def test_a_line_without_a_gate_moves_nothing():
    w = world(scenario())
    w.edge(27, 1, START_NS)
    run_empty(w)
    assert {fall.outlet for fall in w.falls} == {"end"}


def test_a_pulse_at_the_true_place_and_instant_takes_that_fruit_alone():
    w = world(scenario(**EXACT))
    w.advance(START_NS)
    first = next(item for item, _ in w.riding(START_NS) if item.lane == 0)
    middle_ns = w.passes_ns(first, 640)
    delay_ns = 15_000_000
    w.edge(PINS["red_0"], 1, middle_ns - 30_000_000 - delay_ns)
    w.edge(PINS["red_0"], 0, middle_ns + 30_000_000 - delay_ns)
    run_empty(w)
    assert [fall.item for fall in w.falls if fall.outlet == "red"] == [first]


def test_the_nearest_open_gate_takes_the_fruit():
    w = world(scenario())
    for name in ("damaged_0", "turning_0"):
        w.edge(PINS[name], 1, START_NS)
    run_empty(w)
    assert {fall.outlet for fall in w.falls if fall.item.lane == 0} == {"turning"}


def test_fruit_are_in_the_picture_from_end_to_end_and_nowhere_else():
    w = world(scenario(), fruit=None)
    for frame in range(100):
        at_ns = START_NS + frame * NS // 30
        placed = w.placed_at(at_ns)
        assert all(-65 <= fruit.x_mm <= 448 + 65 for fruit in placed)
        assert frame < 30 or 5 <= len(placed) <= 11


def test_the_true_machine_is_near_its_profile_and_not_on_it():
    truths = [world(scenario(), seed=seed).truth for seed in range(30)]
    assert all(594 <= truth.speed_mm_s <= 606 and 0.693 <= truth.mm_per_px <= 0.707 for truth in truths)
    assert len({truth.speed_mm_s for truth in truths}) == 30


def fed(w: World) -> list[tuple[object, ...]]:
    return sorted(
        (f.item.number, f.item.origin_mm, f.item.truth.skin.skin_id, f.item.truth.slip, f.item.truth.phase)
        for f in w.falls
    )


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 5),
    st.lists(st.tuples(st.integers(1, 400), st.sampled_from(sorted(PINS.values())), st.booleans()), max_size=60),
)
def test_whatever_the_gates_do_every_fruit_falls_once_and_the_draws_stay(seed, edges):
    w, still = world(scenario("crowded"), seed), world(scenario("crowded"), seed)
    at_ns = START_NS
    for after_ms, pin, level in edges:
        at_ns += after_ms * 1_000_000
        w.edge(pin, level, at_ns)
        w.advance(at_ns)
    while not w.empty:
        at_ns += NS
        w.advance(at_ns)
    run_empty(still)
    assert sorted(fall.item.number for fall in w.falls) == list(range(40))
    assert fed(w) == fed(still)


def test_settling_often_gives_the_same_as_settling_once():
    often, once = world(scenario()), world(scenario())
    for w in (often, once):
        for n in range(20):
            w.edge(PINS["red_0"], n % 2 == 0, START_NS + n * NS // 3)
            if w is often:
                w.advance(START_NS + n * NS // 3)
    run_empty(often)
    once.advance(START_NS + 100 * NS)
    key = [sorted((f.item.number, f.outlet, f.left_at_ns) for f in w.falls) for w in (often, once)]
    assert key[0] == key[1]
    assert any(outlet == "red" for _, outlet, _ in key[0])
