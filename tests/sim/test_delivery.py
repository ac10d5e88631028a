"""What the simulated camera gives, in order and out of order."""

import numpy as np
import pytest

from sim.delivery import Delivery
from sim.faults import Faults, FaultSpan
from sim.optics import Optics

SIZE = (64, 48)
FRAME_NS = 33_333_333
GREY = np.full((48, 64, 3), 120, np.uint8)


def faults(name: str) -> Faults:
    return Faults([FaultSpan(name=name, from_s=1, to_s=2)])


def given(name: str) -> list[tuple[int, int]]:
    """(number, exposure's number) of each frame of three seconds."""
    delivery = Delivery(faults(name), SIZE)
    found = [delivery.frame(n, n * FRAME_NS, lambda at_ns: GREY) for n in range(1, 91)]
    return [(frame.number, round(frame.exposed_at_ns / FRAME_NS)) for frame in found if frame]


def dimmed(name: str, at_s: float, picture: np.ndarray = GREY) -> np.ndarray:
    return Optics(faults(name), SIZE).dim(picture, round(at_s * 1e9))


def test_a_silent_camera_gives_nothing_and_its_numbers_go_on():
    frames = given("camera-stall")
    numbers = [n for n in range(1, 91) if not 1.0 <= n * FRAME_NS / 1e9 < 2.0]
    assert frames == [(n, n) for n in numbers]


def test_a_stale_frame_is_the_one_before_with_its_own_stamp():
    frames = given("stale-frame")
    assert len(frames) == 90
    again = [n for n in range(1, 90) if frames[n] == frames[n - 1]]
    assert len(again) == 15
    assert all(30 <= n <= 60 for n in again)


def test_a_silent_drop_leaves_a_hole_in_the_stamps_and_none_in_the_numbers():
    frames = given("silent-drop")
    assert [number for number, _ in frames] == list(range(1, len(frames) + 1))
    assert len(frames) == 80


@pytest.mark.parametrize("name", ["light-drift", "flicker", "lamp-off", "dirty-lens"])
def test_outside_its_span_a_fault_leaves_every_pixel_as_it_is(name: str):
    for at_s in (0.5, 2.0):
        assert np.array_equal(dimmed(name, at_s), GREY)
    assert not np.array_equal(dimmed(name, 1.503), GREY)


def test_the_lamp_goes_out_and_fades_and_flickers():
    assert dimmed("lamp-off", 1.5).max() < 5
    assert dimmed("light-drift", 1.5).mean() == pytest.approx(0.75 * 120, abs=1)
    levels = [dimmed("flicker", 1 + n / 30).mean() for n in range(30)]
    assert min(levels) < 0.85 * 120 < 1.15 * 120 < max(levels)


def test_drops_darken_their_places_and_the_film_takes_the_detail():
    dirty = dimmed("dirty-lens", 1.5)
    assert dirty.min() < 0.75 * 120
    assert np.median(dirty) == 120
    checks = (np.indices((48, 64)).sum(axis=0) % 2 * 200).astype(np.uint8)[..., None].repeat(3, axis=2)
    assert dimmed("dirty-lens", 1.5, checks).std() < 0.5 * checks.std()
