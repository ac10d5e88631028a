import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.datapath import Detection
from edge.detect.tracks import Tracker
from tests.edge.profiles import demo

PROFILE = demo()
STEP_UM = 20_000
NO_PIXELS = np.zeros((1, 1, 3), np.uint8)
NO_MASK = np.zeros((1, 1), np.uint8)


def sight(x_mm: float, y_mm: float = 100.0, length_mm: float = 60.0, edge: bool = False, merged: bool = False):
    return Detection((0, 0, 1, 1), x_mm, y_mm, length_mm, length_mm, edge, NO_PIXELS, NO_MASK, merged)


def run(places_mm: list[float], frames: int = 60, hidden: frozenset[tuple[int, int]] = frozenset(), jitter=None):
    """Carry fruit past the camera; `hidden` holds (fruit, frame) not detected. Returns tracks in order of leaving."""
    tracker = Tracker(PROFILE, "r")
    gone = []
    for k in range(frames):
        travel = k * STEP_UM
        seen = []
        for n, place in enumerate(places_mm):
            x = place + travel / 1000 + (jitter[n][k % len(jitter[n])] if jitter else 0.0)
            if 30 <= x <= PROFILE.camera.view_mm - 30 and (n, k) not in hidden:
                seen.append(sight(x))
        tracker.see(travel, seen)
        gone += tracker.leaving(travel)
    return gone


def test_a_fruit_keeps_one_track_from_end_to_end():
    (only,) = run([-60.0])
    assert only.track_id == "r.1"
    assert only.belt_um == 60_000
    assert only.seen > 10


def test_a_fruit_that_is_seen_again_after_its_verdict_starts_no_second_track():
    tracker = Tracker(PROFILE, "r")
    for k in range(30):
        tracker.see(k * STEP_UM, [sight(k * 20.0)] if k * 20.0 < 447 else [])
        tracker.leaving(k * STEP_UM)
    assert tracker.started == 1


def test_a_fruit_cut_off_by_the_edge_is_not_placed_by_it():
    tracker = Tracker(PROFILE, "r")
    assert tracker.see(0, [sight(10.0, edge=True)]) == []


def test_a_fruit_outside_every_lane_is_not_followed():
    assert Tracker(PROFILE, "r").see(0, [sight(200.0, y_mm=20.0)]) == []


def test_a_fruit_always_seen_together_with_another_is_crowded():
    tracker = Tracker(PROFILE, "r")
    for k in range(4):
        pairs = tracker.see(k * STEP_UM, [sight(100.0 + 20 * k, merged=True)])
    assert pairs[0][0].crowded


def test_a_fruit_that_vanishes_is_still_decided_where_it_must_be():
    (only,) = run([-60.0], hidden=frozenset((0, k) for k in range(12, 60)))
    assert only.seen < 12


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.floats(70, 200), min_size=1, max_size=6),
    st.lists(st.lists(st.floats(-3, 3), min_size=5, max_size=5), min_size=6, max_size=6),
    st.sets(st.tuples(st.integers(0, 5), st.integers(0, 60)), max_size=40),
)
def test_fruit_leave_in_order_one_track_each_whatever_the_noise_and_the_gaps(pitches, jitter, hidden):
    places = [-40.0 - sum(pitches[: n + 1]) for n in range(len(pitches))]
    gone = run(places, frames=110, hidden=frozenset(hidden), jitter=jitter)
    numbers = [round(-track.belt_um / 1000) for track in gone]
    assert numbers == sorted(numbers, reverse=True)
    assert len(gone) <= len(places)
    for track in gone:
        assert min(abs(track.belt_um / 1000 + place) for place in places) <= 3.5
