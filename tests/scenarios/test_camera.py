"""What befalls the camera, the lamp and the lens: what the operator is told, the safe state, and the way out of it."""

import pytest

from edge.capture.silence import limit_ns
from tests.scenarios.staged import Staged, cleared, message, raised

FRAME_S = 1 / 30


def pixels(name: str, seconds: float = 20.0) -> Staged:
    return Staged(name, seconds, perception="pixels")


def codes(staged: Staged) -> set[str]:
    return {code for code, _, _ in staged.incidents}


def test_a_silent_camera_holds_the_gates_within_two_frame_times_of_its_limit():
    run = Staged("camera-stall")
    limit_s = limit_ns(run.profile.camera) / 1e9
    ((from_s, to_s),) = run.safe
    assert limit_s - FRAME_S <= from_s - 10.0 <= limit_s + 2 * FRAME_S
    assert to_s is not None
    assert 11.5 <= to_s <= 11.5 + 5 * FRAME_S  # frames that come again clear it
    assert codes(run) == {"camera_silent"}
    assert len(raised(run, "camera_silent")) == len(cleared(run, "camera_silent")) == 1
    assert "no frame for 100 ms" in message("camera_silent", limit_ms=100)
    assert set(run.fates(14.5, 40.0)) == {"right"}


def test_a_frame_that_was_given_before_is_refused_and_places_no_fruit():
    run = Staged("stale-frame")
    assert 0 <= raised(run, "stale_frames")[0] - 10.0 <= 2 * FRAME_S
    assert 0 <= cleared(run, "stale_frames")[0] - 15.0 <= 1.1
    assert "15 frames refused" in message("stale_frames", refused=15)
    assert run.safe == []
    assert set(run.fates(0.0, 40.0)) == {"right"}  # half of the frames will do


def test_frames_that_are_dropped_without_a_word_are_counted_and_told():
    run = Staged("silent-drop")
    assert 0 <= raised(run, "frames_lost")[0] - 10.0 <= 3.1
    assert 0 <= cleared(run, "frames_lost")[0] - 16.0 <= 3.1
    assert codes(run) == {"frames_lost"}
    assert run.fast.line._camera.dropped() == pytest.approx(60, abs=1)  # a third of six seconds
    assert run.safe == []
    assert set(run.fates(0.0, 40.0)) == {"right"}


@pytest.mark.slow
def test_in_the_dark_the_gates_are_held_and_nothing_is_graded():
    run = pixels("lamp-off")
    ((from_s, to_s),) = run.safe
    assert 0 <= from_s - 10.0 <= 5 * FRAME_S
    assert to_s is not None
    assert 0 <= to_s - 13.0 <= 6 * FRAME_S
    assert codes(run) == {"lamp_off"}
    assert "switch the lamp on" in message("lamp_off")
    assert set(run.fates(10.2, 13.0)) == {"held"}
    assert not [
        told
        for _, told, _ in run.falls
        if told and told.verdict and 10.8 < run.s(told.decided_at_ns) < 13.0 and told.verdict.reason == "graded"
    ]
    assert set(run.fates(16.0, 40.0)) <= {"right", "misgraded", "unsure"}


@pytest.mark.slow
def test_a_lamp_that_fades_is_told_long_before_fruit_cannot_be_graded_by_it():
    run = pixels("light-drift", 36.0)
    (drifts,), (unfit,) = raised(run, "light_drifts"), raised(run, "light_unfit")
    assert 15.5 <= drifts <= 18.0  # at 85 % of its light
    assert 22.5 <= unfit <= 25.0  # at 67 %
    ((from_s, to_s),) = run.safe
    assert (from_s, to_s) == (unfit, cleared(run, "light_unfit")[0])
    assert 30.0 <= to_s <= 32.0
    assert codes(run) == {"light_drifts", "light_unfit"}
    assert "85 % of what it should be" in message("light_drifts", percent=85)
    assert set(run.fates(34.0, 60.0)) <= {"right", "misgraded", "unsure"}


@pytest.mark.slow
def test_a_lamp_that_flickers_is_told_and_sorted_through():
    run = pixels("flicker")
    assert 0 <= raised(run, "light_flickers")[0] - 10.0 <= 1.5
    assert 0 <= cleared(run, "light_flickers")[0] - 16.0 <= 1.5
    assert codes(run) == {"light_flickers"}
    assert run.safe == []
    assert "direct current" in message("light_flickers", percent=17)


@pytest.mark.slow
def test_dirt_on_the_lens_is_told_and_gone_when_it_is_wiped():
    run = pixels("dirty-lens", 38.0)
    for code in ("lens_dirty", "picture_soft"):
        assert 0 <= raised(run, code)[0] - 10.0 <= 10.0
        assert 0 <= cleared(run, code)[0] - 30.0 <= 10.0
    assert codes(run) == {"lens_dirty", "picture_soft"}
    assert run.safe == []
    assert "clean the lens" in message("lens_dirty", percent=8)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["clean", "crowded", "dense", "ramps", "overload"])
def test_a_machine_without_such_a_fault_is_told_of_none(name: str):
    run = Staged(name, 20.0, perception="pixels", service_time="pi5" if name == "overload" else "none")
    assert codes(run) <= {"overload", "encoder_slips", "encoder_runs_ahead", "belt_off_speed"}
