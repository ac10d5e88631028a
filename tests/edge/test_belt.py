import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.belt import BeltEstimate, belt_um_at_origin
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
