import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.belt import BeltEstimate, BeltHistory, belt_um_at_origin
from edge.datapath import BeltSample

instants = st.integers(0, 10**15)
travels = st.integers(-(10**12), 10**12)
speeds = st.integers(1_000, 3_000_000)


def estimate(at_ns: int, belt_um: int, speed_um_s: int) -> BeltEstimate:
    belt = BeltEstimate()
    belt.observe(BeltSample(at_ns, belt_um, speed_um_s))
    return belt


@given(instants, travels, speeds, travels)
def test_at_the_instant_named_for_a_travel_the_belt_has_just_reached_it(at_ns, belt_um, speed, wanted):
    belt = estimate(at_ns, belt_um, speed)
    due = belt.at_ns(wanted)
    assert due is not None
    assert belt.um_at(due) >= wanted
    assert belt.um_at(due - 1) < wanted


def test_a_belt_that_stands_still_never_gets_there():
    assert estimate(0, 0, 0).at_ns(1) is None


def test_nothing_is_known_before_the_first_sample():
    belt = BeltEstimate()
    assert not belt.known
    with pytest.raises(LookupError, match="first sample"):
        belt.um_at(0)


def test_an_older_sample_does_not_replace_a_newer_one():
    belt = estimate(1_000, 500, 1_000_000)
    belt.observe(BeltSample(0, 9_999, 1))
    assert belt.um_at(1_000) == 500


def test_a_fruit_reaches_a_place_when_the_belt_has_carried_it_there():
    origin_um = belt_um_at_origin(x_mm=120.0, travel_um=1_000_000)
    assert origin_um + 640_000 == 1_000_000 + 520_000


def history(*samples: tuple[int, int, int]) -> BeltHistory:
    """Samples as (milliseconds, micrometres, micrometres a second)."""
    belt = BeltHistory()
    for at_ms, belt_um, speed in samples:
        belt.observe(BeltSample(at_ms * 10**6, belt_um, speed))
    return belt


STOPPED = [
    (0, 0, 600_000),
    (1_000, 600_000, 600_000),
    (2_000, 900_000, 0),
    (12_000, 900_000, 0),
    (13_000, 1_200_000, 600_000),
]


def test_the_past_is_read_between_its_own_samples_and_the_future_from_the_newest():
    belt = history(*STOPPED)
    assert [belt.um_at(ms * 10**6) for ms in (500, 1_500, 7_000, 12_500, 14_000)] == [
        300_000,
        750_000,
        900_000,
        1_050_000,
        1_800_000,
    ]
    assert [belt.at_ns(um) for um in (300_000, 750_000, 1_050_000, 1_800_000)] == [
        500 * 10**6,
        1_500 * 10**6,
        12_500 * 10**6,
        14_000 * 10**6,
    ]


def test_a_place_at_which_the_belt_stood_was_reached_when_it_came_to_stand():
    assert history(*STOPPED).at_ns(900_000) == 2_000 * 10**6


def test_what_lies_before_the_first_sample_moved_as_the_belt_did_first():
    belt = history((1_000, 0, 0), (1_020, 1_000, 600_000), (1_040, 13_000, 600_000))
    assert belt.at_ns(-60_000) == 900 * 10**6
    assert belt.um_at(900 * 10**6) == -60_000


def test_a_standing_belt_has_a_past_and_no_future():
    belt = history(*STOPPED[:4])
    assert belt.at_ns(300_000) == 500 * 10**6
    assert belt.at_ns(900_001) is None


def test_an_even_speed_costs_two_samples_however_long_it_lasts():
    belt = history(*((n * 20, n * 12_000, 600_000) for n in range(5_000)))
    assert len(belt._samples) == 2
    assert belt.um_at(33 * 10**6) == 19_800


def test_memory_stays_bounded_on_a_belt_that_never_runs_evenly():
    belt = history(*((n * 20, n * 12_000 + n % 2 * 500, 600_000 + n) for n in range(5_000)))
    assert len(belt._samples) <= 512
    assert belt.um_at(4_999 * 20 * 10**6) == 4_999 * 12_000 + 500


@given(st.lists(st.tuples(st.integers(1, 100), st.integers(0, 100_000)), min_size=2, max_size=50), st.data())
def test_in_a_belts_past_an_instant_and_its_travel_are_each_others_inverse(moves, data):
    at_ms, belt_um, samples = 0, 0, []
    for after_ms, moved_um in moves:
        at_ms, belt_um = at_ms + after_ms, belt_um + moved_um
        samples.append((at_ms, belt_um, moved_um * 1000 // after_ms))
    belt = history(*samples)
    wanted = data.draw(st.integers(samples[0][1], samples[-1][1]))
    due = belt.at_ns(wanted)
    if due is not None:
        assert abs(belt.um_at(due) - wanted) <= 2
