"""The virtual belt runs at 600 mm/s from travel 0 at instant 0."""

from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from edge.datapath import BeltSample
from edge.sort.encoder import VirtualEncoder
from edge.sort.keeper import GateKeeper
from tests.edge.sort.fakes import MS, SPEED_UM_S, Pins, Said, pulse, settings


class Rig:
    def __init__(self, encoder=None, stop=None, feed=None, **changed):
        self.pins, self.said = Pins(), Said()
        encoder = encoder or VirtualEncoder(SPEED_UM_S)
        self.keeper = GateKeeper(settings(**changed), self.pins, encoder, self.said, stop, feed=feed)
        self.now_ns = 0
        self.wake_ns = self.step(0)

    def step(self, now_ns):
        self.now_ns = self.pins.now_ns = now_ns
        self.wake_ns = self.keeper.step(now_ns)
        return self.wake_ns

    def run(self, until_ns, beat_ns=0):
        """Step at every wake, and beat every `beat_ns`."""
        beat_at_ns = self.now_ns if beat_ns else until_ns + 1
        while min(self.wake_ns, beat_at_ns) <= until_ns:
            if beat_at_ns <= self.wake_ns:
                self.keeper.beat(beat_at_ns)
                self.step(beat_at_ns)
                beat_at_ns += beat_ns
            else:
                self.step(self.wake_ns)


def test_a_pulse_of_a_living_main_process_is_fired_by_its_deadline():
    rig = Rig()
    rig.keeper.beat(0)
    rig.keeper.submit(pulse(open_mm=600, close_mm=648, lead_ms=15), 0)
    rig.run(2_000 * MS, beat_ns=100 * MS)
    assert rig.said.results == {"run.1": "fired"}
    assert rig.pins.spans("red_0") == [(985 * MS, 1_065 * MS)]
    assert rig.keeper.safe is None


def test_the_belt_is_sampled_all_the_time():
    rig = Rig(sample_ns=20 * MS)
    rig.run(1_000 * MS, beat_ns=70 * MS)
    assert [sample.at_ns for sample in rig.said.samples] == [n * 20 * MS for n in range(51)]
    assert rig.said.samples[-1].belt_um == 600_000


def test_a_main_process_that_falls_silent_closes_every_gate_and_is_not_trusted_again():
    rig = Rig()
    rig.keeper.beat(0)
    rig.keeper.submit(pulse("run.1", open_mm=60, close_mm=300), 0)
    rig.keeper.submit(pulse("run.2", open_mm=400, close_mm=450), 0)
    rig.run(500 * MS)
    ((_, closed_at_ns),) = rig.pins.spans("red_0")
    assert 150 * MS < closed_at_ns <= 151 * MS
    assert rig.keeper.safe == "no heartbeat from the main process for 150 ms"
    rig.keeper.beat(500 * MS)
    rig.keeper.submit(pulse("run.3", open_mm=600), 500 * MS)
    rig.run(2_000 * MS, beat_ns=50 * MS)
    assert rig.said.results == {"run.1": "fired", "run.2": "refused", "run.3": "refused"}
    assert len(rig.pins.edges) == 2


def test_gates_that_are_held_are_released_at_once_and_take_no_pulse_until_they_are_held_no_longer():
    rig = Rig()
    rig.keeper.beat(0)
    rig.keeper.submit(pulse("run.1", open_mm=60, close_mm=300), 0)
    rig.keeper.submit(pulse("run.2", open_mm=200, close_mm=250), 0)
    rig.run(150 * MS, beat_ns=50 * MS)
    rig.pins.now_ns = 160 * MS
    rig.keeper.hold(True, 160 * MS)
    assert [closed for _, closed in rig.pins.spans("red_0")] == [160 * MS]
    assert [(shut.at_ns, shut.tracks) for shut in rig.said.closed] == [(160 * MS, ("run.1",))]
    rig.keeper.submit(pulse("run.3", open_mm=280, close_mm=320), 160 * MS)
    rig.run(400 * MS, beat_ns=50 * MS)
    assert rig.said.results == {"run.1": "fired", "run.2": "refused", "run.3": "refused"}
    rig.keeper.hold(False, 400 * MS)
    rig.keeper.submit(pulse("run.4", open_mm=400, close_mm=450), 400 * MS)
    rig.run(1_000 * MS, beat_ns=50 * MS)
    assert rig.said.results["run.4"] == "fired"
    assert len(rig.pins.edges) == 4
    assert rig.keeper.safe is None


def test_the_belt_is_still_sampled_in_the_safe_state():
    rig = Rig()
    rig.keeper.release("asked to", 0)
    rig.run(100 * MS)
    assert len(rig.said.samples) == 6


def test_before_the_first_beat_no_pulse_is_taken_and_no_silence_is_held_against_anybody():
    rig = Rig()
    rig.keeper.submit(pulse("run.1", open_mm=600), 0)
    rig.run(5_000 * MS)
    assert rig.said.results == {"run.1": "refused"}
    assert rig.keeper.safe is None


def test_the_first_reason_for_the_safe_state_is_the_one_that_is_told():
    rig = Rig()
    rig.keeper.release("first", 0)
    rig.keeper.release("second", 0)
    assert rig.keeper.safe == "first"
    assert rig.pins.released == 2


@given(
    gaps_ms=st.lists(st.integers(1, 160), max_size=15),
    drawn=st.lists(st.tuples(st.integers(0, 1_500), st.integers(1, 300), st.integers(0, 2_000)), max_size=15),
)
def test_whatever_beats_and_pulses_come_silence_leaves_every_gate_released(gaps_ms, drawn):
    rig = Rig()
    beats_ns = [ms * MS for ms in accumulate(gaps_ms, initial=0)]
    events = [(at_ns, None) for at_ns in beats_ns]
    for n, (open_mm, window_mm, at_ms) in enumerate(drawn):
        events.append((at_ms * MS, pulse(f"run.{n}", open_mm=open_mm, close_mm=open_mm + window_mm)))
    for at_ns, one in sorted(events, key=lambda event: event[0]):
        rig.run(at_ns - 1)
        if one is None:
            rig.keeper.beat(at_ns)
        else:
            rig.keeper.submit(one, at_ns)
        rig.step(at_ns)
    rig.run(rig.now_ns + 300 * MS)
    silences = [beat for beat, gap_ms in zip(beats_ns, gaps_ms, strict=False) if gap_ms > 150]
    lost_at_ns = min(silences, default=beats_ns[-1]) + 150 * MS
    assert rig.keeper.safe is not None
    assert not any(rig.pins.is_open.values())
    assert all(at_ns <= lost_at_ns + 1 for at_ns, _, _ in rig.pins.edges)
    assert sorted(o.pulse.track_id for o in rig.said.outcomes) == sorted(f"run.{n}" for n in range(len(drawn)))


class Belt:
    """An encoder on a belt at 600 mm/s that stands from 1 s to 11 s."""

    def sample(self, now_ns):
        stood_ns = min(max(0, now_ns - 1_000 * MS), 10_000 * MS)
        moving = not 0 < stood_ns < 10_000 * MS
        return BeltSample(now_ns, (now_ns - stood_ns) * SPEED_UM_S // 10**9, SPEED_UM_S * moving)


def test_a_gate_that_is_open_when_the_belt_stops_is_closed_by_its_longest_on_time():
    rig = Rig(encoder=Belt())
    rig.keeper.beat(0)
    rig.keeper.submit(pulse(open_mm=590, close_mm=640, lead_ms=0), 0)
    rig.run(12_000 * MS, beat_ns=50 * MS)
    ((opened_ns, closed_ns),) = rig.pins.spans("red_0")
    assert opened_ns < 1_000 * MS
    assert closed_ns == opened_ns + 500 * MS


def test_pulses_that_wait_through_a_stop_are_fired_at_their_travel_after_it():
    rig = Rig(encoder=Belt())
    rig.keeper.beat(0)
    rig.keeper.submit(pulse(open_mm=660, close_mm=708, lead_ms=15), 0)
    rig.run(12_000 * MS, beat_ns=50 * MS)
    ((opened_ns, closed_ns),) = rig.pins.spans("red_0")
    assert abs(opened_ns - 11_085 * MS) <= 1 * MS
    assert abs(closed_ns - 11_165 * MS) <= 1 * MS
    assert rig.said.results == {"run.1": "fired"}


def test_a_corrected_belt_takes_the_pulses_that_wait_along():
    rig = Rig()
    rig.keeper.beat(0)
    rig.keeper.submit(pulse(open_mm=600, close_mm=660, lead_ms=0), 0)
    rig.run(500 * MS, beat_ns=50 * MS)
    rig.keeper.scale(1_250_000)
    rig.run(2_000 * MS, beat_ns=50 * MS)
    # At 500 ms the belt reads 300 mm; from then on at 750 mm/s.
    assert rig.pins.spans("red_0") == [(900 * MS, 980 * MS)]
