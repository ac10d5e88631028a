"""The running machine's limits: said at the start, less while throttled, refused where nothing helps."""

import logging

import pytest

from edge.derating import Measured
from edge.errors import MachineFault
from edge.limits import Limits
from tests.edge.profiles import demo
from tests.edge.telemetry.records import a_health

MS = 1_000_000
DEMO = demo()
QUICK = Measured(MS // 100, MS // 10, 4 * MS, MS)
WARM = Measured(MS // 100, MS // 10, 70 * MS, 2 * MS)
"""Holds the profile, but not at half the clock."""


@pytest.fixture
def said(caplog, monkeypatch):
    monkeypatch.setattr(logging.getLogger("sorter"), "propagate", True)
    caplog.set_level(logging.INFO, "sorter")
    return caplog


def test_the_self_test_is_said_once(said):
    Limits(DEMO, QUICK)
    (line,) = said.messages
    assert line.startswith("self-test: done wake_p99_ms=0.1 detect_ms=4.0 inference_ms=1.0 speed_allowed_mm_s=600")
    assert said.records[0].levelno == logging.INFO


def test_a_slower_belt_is_asked_for_with_the_reason(said):
    Limits(DEMO, Measured(MS, 20 * MS, 4 * MS, MS))
    assert said.records[0].levelno == logging.WARNING
    assert "slow the belt from 600 to 300 mm/s: the gate process wakes 20 ms late" in said.messages[0]


def test_a_computer_that_cannot_hold_the_profile_is_refused_in_one_line():
    with pytest.raises(MachineFault) as refused:
        Limits(DEMO, Measured(60 * MS, 80 * MS, 4 * MS, MS))
    assert str(refused.value) == (
        "this computer cannot hold the profile: [belt] speed_mm_s = 600: must be at most 75 here, because the gate "
        "process wakes 80 ms late and [sort] late_mm = 6; take load off it, permit real-time priority, use a faster "
        "one or a slower belt"
    )
    assert refused.value.exit_status == 3


def test_throttling_allows_less_and_is_said_when_it_begins_and_ends(said):
    limits = Limits(DEMO, WARM)
    for throttled in (False, True, True, False):
        limits.throttle(throttled)
        health = limits.mark(a_health())
        assert health.throttled is throttled
        assert (health.speed_allowed_mm_s < 600) is throttled
    begun, over = said.messages[1:]
    assert "throttled: cool the computer or mend its power supply; slow the belt from 600" in begun
    assert over.startswith("self-test: no longer throttled")


def test_a_machine_that_runs_is_never_stopped_by_throttling():
    limits = Limits(DEMO, Measured(0, 0, 250 * MS, 20 * MS))
    limits.throttle(True)
    assert not limits.allowed.holds
