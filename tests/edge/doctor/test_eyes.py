"""What the doctor says of a camera, by what it showed."""

from dataclasses import replace

import pytest

from edge.doctor import eyes
from edge.doctor.eyes import Learned, View
from tests.edge.doctor.verdicts import verdict
from tests.edge.profiles import demo

CAMERA = demo().camera
GOOD = View(90, 0, 3.0, 12.0, 110.0, 0.0, 40, 3.0, 0.05)
LEARNED = Learned(3.0, 0.8)


@pytest.mark.parametrize(
    ("seen", "said"),
    [
        (GOOD, "good"),
        (replace(GOOD, frames=84, lost=6), "attention"),
        (replace(GOOD, frames=70, lost=20), "fault"),
        (replace(GOOD, frames=40), "fault"),
        (replace(GOOD, frames=75), "attention"),
        (replace(GOOD, frames=0), "fault"),
    ],
)
def test_a_camera_that_loses_frames_or_is_slow_is_told(seen, said):
    assert verdict(eyes.frames(CAMERA, seen)) == said


@pytest.mark.parametrize(
    ("level", "blown", "said"),
    [(110.0, 0.0, "good"), (30.0, 0.0, "attention"), (10.0, 0.0, "fault"), (110.0, 0.05, "attention")],
)
def test_a_belt_that_is_dark_or_blown_out_is_told(level, blown, said):
    assert verdict(eyes.exposure(CAMERA, replace(GOOD, level=level, blown=blown))) == said


@pytest.mark.parametrize(
    ("level", "said"), [(110.0, "good"), (90.0, "attention"), (60.0, "fault"), (140.0, "attention")]
)
def test_light_is_held_to_the_profiles_belt_level(level, said):
    camera = CAMERA.model_copy(update={"belt_level": 110.0})
    assert verdict(eyes.exposure(camera, replace(GOOD, level=level))) == said


def test_without_a_belt_or_fruit_nothing_is_said_of_them():
    bare = replace(GOOD, level=None, fruit=3)
    assert verdict(eyes.exposure(CAMERA, bare)) == "not checked"
    for check in (eyes.focus, eyes.colour):
        (one,) = check(bare, LEARNED)
        assert one.verdict == "not checked"
        assert "let fruit run" in one.remedy


@pytest.mark.parametrize(("sharpness", "said"), [(3.0, "good"), (1.4, "attention"), (0.8, "fault")])
def test_a_lens_that_is_out_of_focus_is_told(sharpness, said):
    assert verdict(eyes.focus(replace(GOOD, sharpness=sharpness), LEARNED)) == said


@pytest.mark.parametrize(("strange", "said"), [(0.05, "good"), (0.5, "attention"), (0.9, "fault")])
def test_fruit_that_look_strange_to_the_bundle_are_told(strange, said):
    assert verdict(eyes.colour(replace(GOOD, strange=strange), LEARNED)) == said


def test_a_pis_camera_is_missed_on_a_pi_alone():
    (here,) = eyes.missing(CAMERA, "no camera answers", "Raspberry Pi 5 Model B")
    (elsewhere,) = eyes.missing(CAMERA, "no picamera2", None)
    assert (here.verdict, elsewhere.verdict) == ("fault", "not checked")
    (files,) = eyes.missing(CAMERA.model_copy(update={"source": "film.mp4"}), "no such film", None)
    (usb,) = eyes.missing(CAMERA.model_copy(update={"source": "usb:0"}), "no such camera", None)
    assert (files.verdict, usb.verdict) == ("fault", "fault")
    assert [said.remedy.rpartition(" ")[2] for said in (here, usb, files)] == [
        "--list-cameras",
        "--list-devices",
        "says",
    ]
