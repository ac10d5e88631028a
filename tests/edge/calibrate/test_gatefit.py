"""What balls at a gate's edges tell of it, and what they cannot."""

import random

import pytest

from edge.calibrate.gatefit import Trial, fit

OPEN_MS, CLOSE_MS, OFF_MM, SPREAD_MS = 19.0, 11.0, 4.0, 0.8


def trials(speeds: tuple[float, ...], seed: int = 1, each: int = 40) -> list[Trial]:
    """Balls around each edge of a gate with those delays, `OFF_MM` further down than its profile says."""
    draw = random.Random(seed)
    found = []
    for speed in speeds:
        for opens, delay_ms in ((True, OPEN_MS), (False, CLOSE_MS)):
            for _ in range(each):
                lag_ms = delay_ms - OFF_MM / speed * 1000 + draw.uniform(-2, 2)
                there_ms = lag_ms + OFF_MM / speed * 1000 + draw.gauss(0, 0.3)
                moved_ms = delay_ms + draw.gauss(0, SPREAD_MS)
                found.append(Trial(opens, lag_ms, 0.3, speed, there_ms > moved_ms if opens else there_ms < moved_ms))
    return found


def test_two_speeds_tell_a_gates_place_from_its_delay() -> None:
    found = fit(trials((600.0, 300.0)), 15.0, 15.0)
    assert found.off_mm is not None
    assert found.open_ms.value == pytest.approx(OPEN_MS, abs=1.0)
    assert found.close_ms.value == pytest.approx(CLOSE_MS, abs=1.0)
    assert found.off_mm.value == pytest.approx(OFF_MM, abs=0.5)
    assert found.spread_ms == pytest.approx(SPREAD_MS, abs=0.5)


def test_at_one_speed_the_delay_makes_up_for_the_place() -> None:
    found = fit(trials((600.0,)), 15.0, 15.0)
    assert found.off_mm is None
    assert found.open_ms.value == pytest.approx(OPEN_MS - OFF_MM / 0.6, abs=0.6)
    assert found.close_ms.value == pytest.approx(CLOSE_MS - OFF_MM / 0.6, abs=0.6)


def test_what_is_stated_as_its_deviation_is_how_far_a_delay_is_off() -> None:
    many = [fit(trials((600.0, 300.0), seed, each=20), 15.0, 15.0) for seed in range(20)]
    z = [(found.open_ms.value - OPEN_MS) / found.open_ms.sd for found in many]
    assert sum(abs(one) < 2 for one in z) >= 17
    assert max(map(abs, z)) < 4


def test_a_few_falls_that_were_not_seen_cost_little() -> None:
    some = trials((600.0, 300.0))
    for n in (10, 60, 110):
        some[n] = Trial(some[n].opens, 40.0 if some[n].opens else -20.0, 0.3, some[n].speed_mm_s, taken=False)
    assert fit(some, 15.0, 15.0).open_ms.value == pytest.approx(OPEN_MS, abs=1.5)
