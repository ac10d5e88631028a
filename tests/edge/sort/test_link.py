"""The main process's end, with a real gate process on gpiozero's mock factory."""

import os
import signal
import subprocess
from contextlib import closing

import pytest

from edge.clock import now_ns, sleep_until
from edge.datapath import BeltSample, Outcome
from edge.errors import GateFault
from edge.sort.link import GateProcess, gate_settings
from tests.edge.profiles import demo
from tests.edge.sort.fakes import MS, SPEED_UM_S, pulse, settings

WITHIN_NS = 20_000 * MS
live = pytest.mark.live


def start(**changed):
    env = {**os.environ, "GPIOZERO_PIN_FACTORY": "mock"}
    return closing(GateProcess(settings(**{"heartbeat_ns": 2_000 * MS, "late_um": 1_200_000, **changed}), env=env))


def listen(link, until, beats=True):
    """Step as the line does until an event fits; every event so far."""
    heard = []
    end_ns = now_ns() + WITHIN_NS
    while not any(map(until, heard)):
        assert now_ns() < end_ns, heard
        if beats:
            link.beat()
        heard += link.events(now_ns())
        sleep_until(now_ns() + 5 * MS)
    return heard


def forever(_event):
    return False


def is_outcome(event):
    return isinstance(event, Outcome)


def test_the_settings_are_the_profiles_in_the_units_of_the_gate_process():
    found = gate_settings(demo())
    assert (found.speed_um_s, found.heartbeat_ns, found.late_um) == (600_000, 100 * MS, 6_000)
    red = found.gates[0]
    assert (red.name, red.pin, red.active_high, red.longest_on_ns) == ("red_0", 17, True, 500 * MS)
    assert len(found.gates) == 8


@live
def test_a_pulse_comes_back_as_its_outcome():
    with start() as link:
        travel_mm = (now_ns() + 80 * MS) * SPEED_UM_S // 10**9 / 1000
        link.beat()
        one = pulse("run.5", open_mm=travel_mm, close_mm=travel_mm + 1_500, lead_ms=0)
        link.submit(one)
        heard = listen(link, is_outcome)
        assert [event.pulse for event in heard if is_outcome(event)] == [one]
        assert any(isinstance(event, BeltSample) for event in heard)


@live
def test_the_self_tests_figures_come_with_the_start():
    with start() as link:
        assert 0 <= link.ready.wake_p50_ns <= link.ready.wake_p99_ns


@live
def test_a_gate_process_that_is_killed_is_a_gate_fault_at_once():
    with start() as link:
        os.kill(link.pid, signal.SIGKILL)
        with pytest.raises(GateFault, match="ended with exit status -9; all gates are released"):
            listen(link, forever)


@live
def test_a_gate_process_that_falls_silent_is_killed():
    with start(heartbeat_ns=80 * MS) as link:
        os.kill(link.pid, signal.SIGSTOP)
        with pytest.raises(GateFault, match="silent for"):
            listen(link, forever)
        with pytest.raises(ProcessLookupError):
            os.kill(link.pid, 0)


@live
def test_the_gate_processs_safe_state_is_a_gate_fault():
    with start(heartbeat_ns=100 * MS) as link:
        link.beat()
        with pytest.raises(GateFault, match="no heartbeat from the main process"):
            listen(link, forever, beats=False)


@live
def test_a_lost_gate_process_stays_lost():
    with start() as link:
        os.kill(link.pid, signal.SIGKILL)
        with pytest.raises(GateFault):
            listen(link, forever)
        later_ns = now_ns() + 1_000 * MS
        for call in (lambda: link.submit(pulse()), link.beat, lambda: link.events(later_ns)):
            with pytest.raises(GateFault):
                call()


@live
def test_a_gate_process_that_does_not_read_is_a_fault_and_never_blocks_the_line():
    with start() as link:
        os.kill(link.pid, signal.SIGSTOP)
        with pytest.raises(GateFault, match="does not read"):
            for n in range(100_000):
                link.submit(pulse(f"run.{n}"))


@live
def test_a_pause_of_the_main_process_is_not_taken_for_silence():
    with start(heartbeat_ns=1_000 * MS) as link:
        link.beat()
        link.events(now_ns())
        assert link.events(now_ns() + 10_000 * MS) is not None


@live
def test_ctrl_c_while_the_gate_process_starts_does_not_reach_it(monkeypatch):
    class Interrupted(subprocess.Popen):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self.send_signal(signal.SIGINT)

    monkeypatch.setattr(subprocess, "Popen", Interrupted)
    with start() as link:
        assert listen(link, lambda event: isinstance(event, BeltSample))


@live
def test_a_gate_process_that_cannot_start_says_why():
    env = {**os.environ, "GPIOZERO_PIN_FACTORY": "nonsense"}
    with pytest.raises(GateFault, match="no GPIO: Unable to find pin factory 'nonsense'"):
        GateProcess(settings(), env=env)


@live
def test_closing_ends_the_process_and_may_be_done_twice():
    link = start().thing
    link.close()
    link.close()
    with pytest.raises(ProcessLookupError):
        os.kill(link.pid, 0)
