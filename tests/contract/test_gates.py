"""ports.GateLink: the same claims on the gate process, in real time, and on the simulator's gates, in virtual time."""

import os
import signal

import pytest

from edge.clock import now_ns, sleep_until
from edge.datapath import BeltSample, Outcome
from edge.errors import GateFault
from edge.sort.link import GateProcess, gate_settings
from sim.fast_gates import FastGates
from sim.faults import Faults
from sim.timeline import Timeline
from sim.wires import Edge, Wires
from tests.edge.profiles import demo
from tests.edge.sort.fakes import MS, pulse

# A busy test machine may take two seconds for anything: the claims are about what happens, not how fast.
PROFILE = demo(safety={"heartbeat_ms": 5_000}, sort={"late_mm": 1_200.0})
WITHIN_NS = 20_000 * MS
REST_NS = 5 * MS


class RealTime:
    def __init__(self, folder):
        self._wires = Wires(folder / "pins")
        self._levels = {gate.pin: int(not gate.active_high) for gate in PROFILE.gates.values()}
        self._released = dict(self._levels)
        env = {**os.environ, "GPIOZERO_PIN_FACTORY": "sim", "SORTER_SIM_PINS": str(folder / "pins")}
        self.link = GateProcess(gate_settings(PROFILE), env=env)

    def is_open(self, gate):
        for edge in self._wires.take():
            self._levels.update({edge.line: edge.level} if isinstance(edge, Edge) else self._released)
        return self._levels[PROFILE.gates[gate].pin] == int(PROFILE.gates[gate].active_high)

    def now_ns(self):
        return now_ns()

    def kill(self):
        os.kill(self.link.pid, signal.SIGKILL)

    def hang(self):
        os.kill(self.link.pid, signal.SIGSTOP)

    def rest(self):
        sleep_until(now_ns() + REST_NS)

    def close(self):
        self.link.close()
        self._wires.close()


class VirtualTime:
    def __init__(self, folder):
        self._levels = {}
        self.faults = Faults()
        self.exits = ()
        self.timeline = Timeline(10_000 * MS)
        self.link = FastGates(PROFILE, self, self.timeline, 0, lambda held: None)
        self.timeline.wake(self.link.actor, self.timeline.now_ns)

    def edge(self, pin, level, at_ns):
        """The world: nothing falls here."""
        self._levels[pin] = level

    def is_open(self, gate):
        return self._levels[PROFILE.gates[gate].pin] == int(PROFILE.gates[gate].active_high)

    def drop_lines(self, at_ns):
        for gate in PROFILE.gates.values():
            self._levels[gate.pin] = int(not gate.active_high)

    def kill(self):
        self.link.die()

    def hang(self):
        self.link.hang(True)

    def now_ns(self):
        return self.timeline.now_ns

    def rest(self):
        end_ns = self.timeline.now_ns + REST_NS
        self.timeline.run(lambda: self.timeline.now_ns >= end_ns)
        self.timeline.now_ns = max(end_ns, self.timeline.now_ns)  # nothing is due beside a process that hangs

    def close(self):
        """Nothing to end."""


@pytest.fixture(params=[pytest.param(RealTime, marks=pytest.mark.live), VirtualTime], ids=["process", "simulator"])
def rig(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.close()


def listen(rig, until):
    """Step as the line does until an event fits; every event that came."""
    heard = []
    end_ns = rig.now_ns() + WITHIN_NS
    while not any(map(until, heard)):
        assert rig.now_ns() < end_ns, heard
        rig.link.beat()
        heard += rig.link.events(rig.now_ns())
        rig.rest()
    return heard


def belt_mm(rig, ahead_ms):
    return (rig.now_ns() + ahead_ms * MS) * PROFILE.speed_um_s // 10**9 / 1000


def is_sample(event):
    return isinstance(event, BeltSample)


def outcome_of(track_id):
    return lambda event: isinstance(event, Outcome) and event.pulse.track_id == track_id


def test_the_belts_samples_come_in_order_at_the_profiles_speed(rig):
    listen(rig, is_sample)
    end_ns = rig.now_ns() + 100 * MS
    heard = listen(rig, lambda event: is_sample(event) and event.at_ns >= end_ns)
    instants = [sample.at_ns for sample in heard if is_sample(sample)]
    assert instants == sorted(set(instants)) and len(instants) > 2
    assert all(s.belt_um == s.at_ns * PROFILE.speed_um_s // 10**9 for s in heard if is_sample(s))
    assert {s.speed_um_s for s in heard if is_sample(s)} == {PROFILE.speed_um_s}


def test_every_pulse_comes_back_once_with_what_became_of_it(rig):
    listen(rig, is_sample)
    here_mm = belt_mm(rig, ahead_ms=0)
    good = pulse("run.1", "red_0", here_mm + 40, here_mm + 1_500, lead_ms=0)
    late = pulse("run.2", "green_0", here_mm - 1_500, here_mm - 150, lead_ms=0)
    unknown = pulse("run.3", "blue_0", here_mm + 40, here_mm + 1_500, lead_ms=0)
    last = pulse("run.4", "green_1", here_mm + 80, here_mm + 1_800, lead_ms=0)
    for one in (good, late, unknown, last):
        rig.link.submit(one)
    outcomes = [event for event in listen(rig, outcome_of("run.4")) if isinstance(event, Outcome)]
    assert {o.pulse: o.result for o in outcomes} == {good: "fired", late: "late", unknown: "refused", last: "fired"}
    assert len(outcomes) == 4


def test_a_fired_pulse_says_when_it_opened_and_never_opens_early(rig):
    listen(rig, is_sample)
    one = pulse("run.1", "red_0", belt_mm(rig, 80), belt_mm(rig, 2_500), lead_ms=40)
    rig.link.submit(one)
    outcome = next(filter(outcome_of("run.1"), listen(rig, outcome_of("run.1"))))
    deadline_ns = one.open_um * 10**9 // PROFILE.speed_um_s - one.open_lead_ns
    assert outcome.opened_at_ns >= deadline_ns
    # The instant is worked out from a sample in whole micrometres: 1 um of belt is 1.7 us.
    assert abs(outcome.late_ns - (outcome.opened_at_ns - deadline_ns)) < 5_000


def test_a_pulse_before_the_first_beat_is_refused(rig):
    while not any(map(is_sample, rig.link.events(rig.now_ns()))):
        rig.rest()
    rig.link.submit(pulse("run.1", "red_0", belt_mm(rig, 80), belt_mm(rig, 2_500)))
    rig.rest()
    outcome = next(filter(outcome_of("run.1"), listen(rig, outcome_of("run.1"))))
    assert outcome.result == "refused"


def test_gates_that_are_held_refuse_what_waits_and_what_comes_and_fire_again_afterwards(rig):
    listen(rig, is_sample)
    waiting = pulse("run.1", "red_0", belt_mm(rig, 9_000), belt_mm(rig, 9_100), lead_ms=0)
    rig.link.submit(waiting)
    rig.link.hold(True)
    rig.link.submit(pulse("run.2", "red_0", belt_mm(rig, 80), belt_mm(rig, 2_500), lead_ms=0))
    heard = listen(rig, outcome_of("run.2"))
    assert [(e.pulse.track_id, e.result) for e in heard if isinstance(e, Outcome)] == [
        ("run.1", "refused"),
        ("run.2", "refused"),
    ]
    rig.link.hold(False)
    rig.link.submit(pulse("run.3", "red_0", belt_mm(rig, 80), belt_mm(rig, 2_500), lead_ms=0))
    outcome = next(filter(outcome_of("run.3"), listen(rig, outcome_of("run.3"))))
    assert outcome.result == "fired"


def test_a_gate_that_is_open_is_released_as_soon_as_it_is_held(rig):
    listen(rig, is_sample)
    open_ms, held_ms = 10_000, 2_000
    rig.link.submit(pulse("run.1", "red_0", belt_mm(rig, 20), belt_mm(rig, open_ms), lead_ms=0))
    listen(rig, outcome_of("run.1"))
    assert rig.is_open("red_0")
    rig.link.hold(True)
    end_ns = rig.now_ns() + held_ms * MS
    while rig.is_open("red_0"):
        assert rig.now_ns() < end_ns
        rig.link.beat()
        rig.rest()


@pytest.mark.parametrize("harm", ["kill", "hang"])
def test_a_gate_process_that_is_dead_or_silent_is_a_fault_and_its_open_gate_is_released(rig, harm):
    listen(rig, is_sample)
    rig.link.submit(pulse("run.1", "red_0", belt_mm(rig, 20), belt_mm(rig, 20_000), lead_ms=0))
    listen(rig, outcome_of("run.1"))
    assert rig.is_open("red_0")
    getattr(rig, harm)()
    with pytest.raises(GateFault, match="all gates are released"):
        listen(rig, lambda event: False)
    end_ns = rig.now_ns() + WITHIN_NS
    while rig.is_open("red_0"):
        assert rig.now_ns() < end_ns
        rig.rest()


def test_what_was_heard_is_not_heard_again(rig):
    listen(rig, is_sample)
    now = rig.now_ns()
    first, second = list(rig.link.events(now)), list(rig.link.events(now))
    assert not set(first) & set(second)
