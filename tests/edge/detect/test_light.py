"""Lamps that age, flicker or fail."""

import math
import random

from edge.detect.light import Light
from edge.incidents import CATALOGUE

HZ = 15
"""Measured frames a second."""


def told(light: Light, levels) -> list[tuple[int, str, bool]]:
    """(frame, code, raised)."""
    return [(n, one.code, one.raised) for n, level in enumerate(levels) for one in light.look(level)]


def lit(level: float = 100.0) -> Light:
    light = Light(None)
    assert told(light, [level] * 60) == []
    return light


def test_a_steady_light_with_the_noise_of_passing_fruit_is_nothing_to_tell():
    draw = random.Random(1)
    assert told(Light(None), [100 + draw.gauss(0, 1.0) for _ in range(5_000)]) == []


def test_the_reference_is_the_runs_own_beginning_however_bright():
    for level in (8.0, 40.0, 220.0):
        assert told(Light(None), [level] * 300) == []


def test_darkness_is_told_with_its_second_frame_and_cleared_with_the_second_in_light():
    light = lit()
    assert told(light, [3.0, 3.0, 3.0, 100.0]) == [(1, "lamp_off", True)]
    assert told(light, [100.0] * 60) == [(0, "lamp_off", False)]


def test_a_single_dark_frame_is_dark_and_nothing_to_tell():
    light = lit()
    assert told(light, [3.0]) == []
    assert light.dark
    assert told(light, [100.0] * 60) == []
    assert not light.dark


def test_a_run_that_starts_in_the_dark_says_so_and_takes_its_reference_later():
    light = Light(None)
    assert told(light, [1.0] * 60) == [(1, "lamp_off", True)]
    assert told(light, [80.0] * 60) == [(1, "lamp_off", False)]
    assert light.reference == 80.0


def test_a_lamp_that_ages_is_a_warning_and_then_an_error():
    light = lit()
    said = told(light, [100 - 0.1 * n for n in range(450)])
    assert [(code, raised) for _, code, raised in said] == [("light_drifts", True), ("light_unfit", True)]
    assert 150 <= said[0][0] <= 190
    assert 330 <= said[1][0] <= 370
    assert [CATALOGUE[code].severity for _, code, _ in said] == ["warning", "error"]
    assert {(code, raised) for _, code, raised in told(light, [99.0] * 60)} == {
        ("light_drifts", False),
        ("light_unfit", False),
    }


def test_daylight_that_comes_in_counts_as_much():
    assert {code for _, code, _ in told(lit(), [160.0] * 60)} == {"light_unfit", "light_drifts"}


def test_a_level_at_the_bound_does_not_come_and_go():
    draw = random.Random(2)
    assert len(told(lit(), [85 + draw.gauss(0, 1.0) for _ in range(3_000)])) <= 1


def test_a_flicker_is_told_at_any_rate_and_a_ramp_is_none():
    for hz in (2, 4, 7, 10):
        light = lit()
        said = told(light, [100 * (1 + 0.2 * math.sin(2 * math.pi * hz * n / HZ)) for n in range(90)])
        assert [(code, raised) for _, code, raised in said] == [("light_flickers", True)], hz
        assert said[0][0] < 2 * HZ
        assert [code for _, code, raised in told(light, [100.0] * 60) if not raised] == ["light_flickers"]
    assert told(lit(), [100 - 0.4 * n for n in range(30)]) == []


def test_a_flicker_as_deep_as_the_bundle_cannot_bear_is_an_error():
    said = told(lit(), [100 * (1 + 0.6 * math.sin(2 * math.pi * n / 3 + 0.3)) for n in range(60)])
    assert {code for _, code, raised in said if raised} >= {"light_flickers", "light_unfit"}


def test_a_lamp_that_aged_over_months_shows_against_the_profiles_level():
    assert told(Light(125.0), [100.0] * 60) == [(14, "light_drifts", True)]
    assert told(Light(100.0), [100.0] * 60) == []
    assert told(Light(100.0), [10.0] * 60) == [(1, "lamp_off", True)]
