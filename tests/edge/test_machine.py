"""Putting a machine together: what the self-test finds is known before anything sorts."""

import os

import pytest

from edge import machine, warmup
from edge.bundle import FACTORY
from edge.errors import MachineFault
from tests.edge.profiles import demo

MS = 1_000_000
pytestmark = [pytest.mark.live, pytest.mark.slow]


@pytest.fixture
def gates(monkeypatch):
    """The gate processes that were started."""
    started = []

    class Noted(machine.GateProcess):
        def __init__(self, settings):
            super().__init__(settings)
            started.append(self)

    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    monkeypatch.setattr(machine, "GateProcess", Noted)
    return started


def silent():
    profile = demo()
    return profile.model_copy(update={"telemetry": profile.telemetry.model_copy(update={"broker": None})})


def test_the_self_tests_figures_are_this_computers(gates):
    built = machine.assemble(silent(), FACTORY, lambda: None)
    built.gates.close()
    found = built.limits.measured
    assert 0 <= found.wake_p50_ns <= found.wake_p99_ns
    assert found.detect_ns > 0
    assert found.inference_ns > 0


def test_a_computer_that_cannot_hold_the_profile_never_gets_a_camera(gates, monkeypatch):
    monkeypatch.setattr(warmup, "warm_up", lambda *_: (2_000 * MS, 100 * MS))
    with pytest.raises(MachineFault, match="cannot hold the profile"):
        machine.assemble(silent(), FACTORY, lambda: pytest.fail("a camera was opened"))
    (process,) = gates
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)
