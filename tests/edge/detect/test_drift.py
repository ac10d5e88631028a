"""What the tracks say of the belt."""

import random

import pytest

from edge.detect.drift import PPM, Drift
from edge.incidents import CATALOGUE
from edge.sections import Encoder
from tests.edge.profiles import demo

PLAIN = demo()
WITH_ENCODER = PLAIN.model_copy(update={"encoder": Encoder(pin_a=20, um_per_edge=500)})


def fruit(drift, name, ratio, apart=True, from_mm=40, to_mm=400, noise=None):
    """One fruit through the picture: while the belt reads a millimetre, it moves `ratio` millimetres."""
    for x_mm in range(from_mm, to_mm, 30):
        drift.sight(name, round((x_mm - from_mm) * 1000 / ratio), x_mm + (noise.gauss(0, 0.5) if noise else 0))
    return drift.left(name, apart)


def feed(drift, ratio, count, **more):
    return [told for n in range(count) if (told := fruit(drift, f"run.{n}", ratio, **more))]


def test_a_wheel_that_slips_is_corrected_after_eight_fruit_and_the_operator_is_told_how_much():
    drift = Drift(WITH_ENCODER)
    assert feed(drift, 1 / 0.96, 7) == []
    ((incident,),) = feed(drift, 1 / 0.96, 1)
    assert drift.scale_ppm == pytest.approx(PPM / 0.96, rel=1e-3)
    said = CATALOGUE[incident.code].say(incident.figures)
    assert said.startswith("encoder slips 4 %: check the wheel")


def test_an_encoder_that_counts_too_much_is_told_apart():
    ((incident,),) = feed(Drift(WITH_ENCODER), 0.95, 8)
    assert incident.code == "encoder_runs_ahead"


def test_without_an_encoder_the_operator_is_told_the_belts_speed():
    ((incident,),) = feed(Drift(PLAIN), 0.95, 8)
    assert (incident.code, round(incident.figures["speed_mm_s"])) == ("belt_off_speed", 570)


@pytest.mark.parametrize(("profile", "ratio"), [(WITH_ENCODER, 1.018), (WITH_ENCODER, 0.982), (PLAIN, 1.009)])
def test_what_a_calibration_leaves_is_left_alone(profile, ratio):
    drift = Drift(profile)
    assert feed(drift, ratio, 50) == []
    assert drift.scale_ppm == PPM


def test_noise_and_fruit_that_slip_change_nothing_and_hide_nothing():
    noise, quiet, slipping = random.Random(1), Drift(WITH_ENCODER), Drift(WITH_ENCODER)
    for n in range(80):
        fruit(quiet, f"a.{n}", 1 + noise.gauss(0, 0.004), noise=noise)
        fruit(slipping, f"b.{n}", 1.05 * (1 + noise.gauss(0, 0.004)) if slipping.scale_ppm == PPM else 1, noise=noise)
    assert quiet.scale_ppm == PPM
    assert slipping.scale_ppm == pytest.approx(1.05 * PPM, rel=5e-3)


def test_fruit_that_do_not_agree_change_nothing():
    drift = Drift(WITH_ENCODER)
    for n in range(80):
        fruit(drift, f"run.{n}", (0.9, 1.0, 1.1, 1.2)[n % 4])
    assert drift.scale_ppm == PPM


def test_fruit_that_were_hardly_seen_or_never_apart_have_no_say():
    drift = Drift(WITH_ENCODER)
    assert feed(drift, 1.05, 50, to_mm=160) == []
    assert feed(drift, 1.05, 50, apart=False) == []


def test_a_belt_that_stands_says_nothing():
    drift = Drift(WITH_ENCODER)
    for n in range(50):
        for _ in range(20):
            drift.sight(f"run.{n}", 1_000, 200.0)
        assert drift.left(f"run.{n}", True) is None


def test_memory_stays_bounded_however_long_the_belt_stands():
    drift = Drift(WITH_ENCODER)
    for travel_um in [*range(0, 400_000, 100), *[400_000] * 5_000]:
        drift.sight("run.1", travel_um, travel_um / 1000)
    assert len(drift._sights["run.1"]) <= 9
    drift.left("run.1", True)
    assert not drift._sights


def test_a_correction_stays_within_a_tenth():
    drift = Drift(WITH_ENCODER)
    for n in range(200):
        fruit(drift, f"run.{n}", 1.3)
    assert drift.scale_ppm == round(1.1 * PPM)


def test_a_wheel_that_grips_again_clears_what_was_told():
    drift = Drift(WITH_ENCODER)
    feed(drift, 1.05, 8)
    ((incident,),) = feed(drift, 1 / 1.05, 8)
    assert (incident.code, incident.raised) == ("encoder_slips", False)
    assert drift.scale_ppm == pytest.approx(PPM, abs=100)


def test_what_was_measured_with_the_old_scale_is_forgotten_with_it():
    drift = Drift(WITH_ENCODER)
    for x_mm in range(40, 300, 30):
        drift.sight("waiting", x_mm * 950, float(x_mm))
    feed(drift, 1.05, 8)
    drift.sight("waiting", 300_000, 300.0)
    assert drift.left("waiting", True) is None
    assert drift._found == []
