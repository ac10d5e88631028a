"""A camera that was moved is noticed, whatever runs under it."""

from dataclasses import replace
from math import degrees, radians

import cv2
import numpy as np
import pytest

from edge import clock
from edge.bundle import FACTORY, load_bundle
from edge.calibrate.light import belt_colour, median_plate
from edge.calibrated import Calibration, CameraCalibration, LightCalibration
from edge.datapath import Frame
from edge.detect.segment import Segmenter
from edge.doctor import fit, plates
from edge.doctor.looking import look
from edge.doctor.paths import Paths
from sim.camera import BeltCamera, CameraTruth, Placed
from sim.conveyor import Limit
from sim.fruit import load_builtin
from sim.setup import prepare
from tests.edge.doctor.verdicts import verdict
from tests.edge.profiles import demo

CAMERA = demo().camera
TRUE = CameraTruth(CAMERA.mm_per_px, skew_rad=0.004)


def pictures(truth, fruit=True, of=15):
    """Of a belt that moves on by 120 mm from one to the next, as the fruit on it do."""
    eye = BeltCamera(CAMERA, truth, seed=3)
    skins = load_builtin("held")[:6]
    for n in range(of):
        lying = [
            Placed(skin, 0, 60.0 + (75 * k + 31 * n) % 448, 108.0 + 120 * (k % 2), 57, 55)
            for k, skin in enumerate(skins)
        ]
        yield eye.render(lying if fruit else [], 31.0 * n)


@pytest.fixture(scope="module")
def then():
    return median_plate(list(pictures(TRUE, fruit=False)))


def pushed(along_px, across_px):
    """A camera that looks at another place, beyond whose view the frame goes on."""
    by = np.array([[1, 0, along_px], [0, 1, across_px]], float)
    return lambda picture: cv2.warpAffine(picture, by, picture.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("light", "push", "said"),
    [(1.0, (0, 0), "good"), (0.9, (0, 0), "good"), (1.0, (0, 8), "fault"), (1.0, (0, 2), "attention")],
)
def test_a_camera_that_was_pushed_is_noticed_by_what_stands_still(then, light, push, said):
    now = [pushed(*push)(picture) for picture in pictures(replace(TRUE, light=light))]
    found = plates.shift(then, now, CAMERA.mm_per_px)
    assert verdict(fit.moved(found)) == said, found


@pytest.fixture(scope="module")
def machine():
    """A world with fruit on its belt, and its camera as it was when it was calibrated."""
    setup = prepare("clean", seed=4, limit=Limit(), perception="truth")
    true = setup.world(0).camera_truth()
    calibration = CameraCalibration(
        made_utc="2026-03-01T00:00:00Z", rides=5, mm_per_px=true.mm_per_px, mm_per_px_sd=0.0, skew_sd_deg=0.0,
        skew_deg=degrees(true.skew_rad), speed_mm_s=true.speed_mm_s, speed_sd_mm_s=0.0,
    )  # fmt: skip
    camera = setup.profile.camera.model_copy(update={"mm_per_px": true.mm_per_px})
    profile = setup.profile.model_copy(update={"camera": camera, "calibration": Calibration(camera=calibration)})
    return setup, true, profile


@pytest.mark.slow
@pytest.mark.parametrize(
    ("turn_deg", "scale", "said"),
    [(0.0, 1.0, "good"), (0.8, 1.0, "attention"), (2.0, 1.0, "fault"), (0.0, 1.03, "attention"), (0.0, 1.08, "fault")],
)
def test_a_camera_that_was_turned_or_brought_nearer_is_noticed_by_the_paths_of_fruit(machine, turn_deg, scale, said):
    setup, true, profile = machine
    world = setup.world(0)
    truth = replace(true, skew_rad=true.skew_rad + radians(turn_deg), mm_per_px=true.mm_per_px / scale)
    eye, segmenter = BeltCamera(setup.profile.camera, truth, 1), Segmenter(profile.camera.mm_per_px)
    paths = Paths(profile.belt.speed_mm_s)
    for n in range(60):
        at_ns = n * 33_333_333
        frame = Frame("sim", n, at_ns, eye.render(world.placed_at(at_ns), world.belt.travel_mm(at_ns)))
        paths.see(frame, segmenter.detect(frame))
    found = paths.found()
    assert verdict(fit.paths(profile, found)) == said, found


def test_without_fruit_their_paths_say_nothing(machine):
    _, _, profile = machine
    (one,) = fit.paths(profile, Paths(600.0).found())
    assert one.verdict == "not checked"


@pytest.mark.slow
def test_another_light_is_another_colour_of_the_belt(then):
    now = median_plate(list(pictures(TRUE, of=9)))
    assert verdict(fit.belt_colour(belt_colour(then), belt_colour(now))) == "good"
    warm = np.clip(now * np.array([1.3, 1.0, 0.9]), 0, 255).astype(np.uint8)
    assert verdict(fit.belt_colour(belt_colour(then), belt_colour(warm))) == "fault"


def test_a_plate_that_is_not_there_or_of_another_size_is_none(tmp_path, then):
    def profile(plate):
        light = LightCalibration(made_utc="2026-03-01T00:00:00Z", belt_level=120.0, belt_rgb=(1, 2, 3), plate=plate)
        return demo().model_copy(update={"calibration": Calibration(light=light)})

    assert plates.kept(demo(), tmp_path) is None
    assert plates.kept(profile("none.png"), tmp_path) is None
    cv2.imwrite(str(tmp_path / "small.png"), then[:100])
    assert plates.kept(profile("small.png"), tmp_path) is None
    cv2.imwrite(str(tmp_path / "plate.png"), cv2.cvtColor(then, cv2.COLOR_RGB2BGR))
    assert np.array_equal(plates.kept(profile("plate.png"), tmp_path), then)


class Film:
    """Answers FrameSource: pictures as fast as they are taken, each stamped a period after the one before, but for
    those that are lost."""

    def __init__(self, shown, lost):
        self.shown, self._lost, self.number = shown, lost, 0

    def next_frame(self, deadline_ns):
        if not self.shown:
            clock.sleep_until(min(deadline_ns, clock.now_ns() + 10_000_000))
            return None
        self.number += 2 if self.number + 1 in self._lost else 1
        clock.sleep_until(clock.now_ns() + 20_000_000)
        return Frame("film", self.number, 10**9 + self.number * 33_333_333, self.shown.pop(0))

    def lost(self):
        return 0

    def close(self):
        self.shown = []


@pytest.mark.slow
def test_frames_that_the_look_has_no_time_for_are_not_counted_as_lost():
    seen = look(lambda: Film(list(pictures(TRUE, of=40)), {20, 30}), demo(), load_bundle(FACTORY), for_s=0.6)
    assert seen.frames > 0
    assert seen.lost <= 2
    assert seen.level == pytest.approx(120, abs=15)
